"""`make setup`: the virtual environment with the locked dependencies. Standard library only, read by any Python 3."""

import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
LOCK = os.path.join(ROOT, "requirements.lock")
STAMP = os.path.join(VENV, "installed")
NO_VENV = """
{python} has no module to create virtual environments. On Debian and Ubuntu:
    apt-get install python{0}.{1}-venv
该 Python 缺少创建虚拟环境的模块，Debian、Ubuntu 上请执行上面的命令。"""


def main() -> "int | str":
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is also read by older ones
        return f"Python 3.11 or later is needed, not {sys.version.split()[0]}. 需要 Python 3.11 或更高版本。"
    with open(LOCK, "rb") as lock:
        wanted = hashlib.sha256(lock.read()).hexdigest()
    python = os.path.join(VENV, "bin", "python")
    if os.path.exists(python):  # false also for a link to a Python that has been removed
        if _installed() == wanted:
            return 0
    else:
        try:
            import ensurepip  # noqa: F401 - Debian leaves it out of its base package
            import venv  # noqa: F401
        except ImportError:
            return NO_VENV.format(*sys.version_info[:2], python=sys.executable)
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    print("Installing the locked dependencies 正在安装依赖 ...", flush=True)
    options = ["--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check", "--no-input", "--quiet"]
    if subprocess.run([python, "-m", "pip", "install", *options, "-r", LOCK], check=False).returncode:
        return "The dependencies could not be installed, see above. 依赖安装失败，原因见上。"
    with open(STAMP, "w") as stamp:
        stamp.write(wanted)
    return 0


def _installed() -> str:
    try:
        with open(STAMP) as stamp:
            return stamp.read()
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
