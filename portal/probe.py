"""A health check for containers: `python -m portal.probe URL` exits 0 when the answer is 200.

Standard library only. Asks under the public name, because any other host is refused.
"""

import os
import sys
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen


def main(url: str) -> int:
    """Ask once; returns an exit code."""
    public = urlsplit(os.environ["PUBLIC_URL"])
    headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
    try:
        with urlopen(Request(url, headers=headers), timeout=5):  # noqa: S310  our own address
            return 0
    except URLError as error:
        print(f"{url}: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
