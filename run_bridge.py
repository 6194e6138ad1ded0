"""Start Barline from a checkout: python run_bridge.py [demo|test|bench|models|--help].

This file must parse on every Python, old ones included, so that it can say which one it needs;
bridge/bootstrap.py makes the environment, bridge/cli.py does the rest.
"""

import sys

OLDEST = (3, 11)


def check_python():
    """Leave with one clear sentence when this Python is too old."""
    if sys.version_info[:2] < OLDEST:
        here = "%d.%d (%s)" % (sys.version_info[0], sys.version_info[1], sys.executable)
        sys.exit("Barline needs Python %d.%d or newer; this is %s." % (OLDEST[0], OLDEST[1], here))


if __name__ == "__main__":
    check_python()
    from bridge.bootstrap import start

    sys.exit(start(sys.argv[1:]))
