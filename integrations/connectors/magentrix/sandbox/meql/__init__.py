"""The subset of MEQL that the stand-in understands: read, check against the fields, run.

`lexer` and `parser` make the tree of `tree`; `binding` checks it and turns it into functions of a
row; `planning` finds which rows can match at all; `run` answers. Everything else is refused.
"""

from .run import run

__all__ = ["run"]
