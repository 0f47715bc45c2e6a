"""`python -m registry.assistants` begins the server; an assistant starts it as a process of its own."""

import os
import sys

from registry.assistants.settings import UnusableSetting, read_settings


def main() -> int:
    try:
        settings = read_settings(os.environ)
    except UnusableSetting as error:
        print(error, file=sys.stderr)
        return 2
    try:
        import anyio

        from registry.assistants.server import serve
    except ModuleNotFoundError as error:
        print(
            f"{error.name} is missing: run `make assistants`. 缺少依赖包，请先执行 make assistants。", file=sys.stderr
        )
        return 2
    try:
        anyio.run(serve, settings)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
