"""Commands for operators: parse arguments, call one service, print."""
