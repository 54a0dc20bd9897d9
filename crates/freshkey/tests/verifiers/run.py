"""Runs the Python example of docs/verify-tokens.md, which is in the folder that is given.

Each line on standard input is answered by a line: `verify TOKEN` by who calls or `refused`, `wait SECONDS`
by `waited`. Waiting moves the clock by which the library keeps the key set.
"""

import sys
import time

real, ahead = time.monotonic, 0.0
time.monotonic = lambda: real() + ahead

sys.path.insert(0, sys.argv[1])
import jwt  # noqa: E402
import service  # noqa: E402

for line in sys.stdin:
    word, value = line.split()
    if word == "wait":
        ahead += float(value)
        print("waited", flush=True)
        continue
    try:
        print(service.user(value)["email"], flush=True)
    except jwt.PyJWTError as error:
        print("refused", repr(error), flush=True)
