#!/usr/bin/env python
import os
import signal
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Python dies of SIGTERM without running its exit handlers, which stop the embedded database.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        from config.commands import execute

        execute(sys.argv)
    except KeyboardInterrupt:  # while Python was still loading
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
