# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environments and the checks of the collection; ``make help`` lists the usual ones, ``nox --list`` all.

An environment that several checks share is a session of its own (``nox -s dev``), which makes ``.venv/dev``; the checks
require it. The sessions of antsibull-nox are in ``antsibull-nox.toml``. Long sessions come first, so that two at a time
(``nox --parallel 2``) end together.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.sessions import prepare_collections
from python_discovery import DiskCache, get_interpreter

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests"))

from tools import ansible_test_home, chromium, collection, indexes, nginx, pythons, worktree  # noqa: E402
from tools.environments import (  # noqa: E402
    ALL,
    AWX,
    BROWSER,
    CORE_LANES,
    DEMO,
    DEV,
    EDA,
    OLDEST,
    OPENAPI,
    RUNS_ALL,
    SITE,
    TARGET,
    Environment,
)
from tools.paths import LOGS, REQUIREMENTS, SHAPED_CHECKOUT, VENVS, link_shape, without_blanks  # noqa: E402

nox.needs_version = ">=2026.10"
nox.options.envdir = ".venv"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.allow_parallel = True
nox.options.sessions = ["quick"]

# Nothing that the user has set for Ansible, for ThingSpace or for make reaches a check. Bytecode is written: it halves
# the time that each of thousands of processes takes to start.
_HIDDEN = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
for _name in [*os.environ]:
    if _name.startswith(("ANSIBLE_", "THINGSPACE_")) or _name in _HIDDEN:
        del os.environ[_name]
os.environ["PATH"] = pythons.search_path(os.environ)
# The children of a parallel run inherit them.
if "UV_PYTHON_DOWNLOADS" not in os.environ:
    os.environ.update(indexes.for_uv(indexes.of_pip(), os.environ))

Check = Callable[[nox.Session], None]
TESTS = ROOT / "tests"


@functools.cache
def _found(version: str) -> str | None:
    """The path of a Python of this version."""
    found = get_interpreter(version, cache=DiskCache(VENVS / "pythons"))
    return found.executable if found is not None else None


def _python(environment: Environment) -> str | None:
    """The first of its Pythons that is on this machine."""
    return next((version for version in environment.pythons if _found(version)), None)


def _missing(environment: Environment) -> str:
    return f"no Python {' or '.join(environment.pythons)} found"


def _make(session: nox.Session, environment: Environment) -> None:
    session.install("--requirement", str(environment.requirements.relative_to(ROOT)))
    link_shape()


for _environment in ALL:
    _make_this = functools.partial(_make, environment=_environment)
    _make_this.__doc__ = f"Make .venv/{_environment.folder.name}."
    nox.session(name=_environment.name, python=_python(_environment) or _environment.pythons[0], tags=["environments"])(
        _make_this
    )


def check(
    *needs: Environment, uses: tuple[Environment, ...] = (), name: str = "", tags: tuple[str, ...] = ("test",)
) -> Callable[[Check], Check]:
    """Make a session of a function. It is skipped on a machine without the Python of an environment that it needs.

    What it only ``uses`` is made where its Python is there.
    """

    def decorate(function: Check) -> Check:
        lacking = [environment for environment in needs if _python(environment) is None]

        @functools.wraps(function)
        def run(session: nox.Session) -> None:
            if lacking:
                session.skip(_missing(lacking[0]))
            LOGS.mkdir(exist_ok=True)
            function(session)

        wanted = [*needs, *(environment for environment in uses if _python(environment))]
        requires = [] if lacking else [environment.name for environment in wanted]
        nox.session(name=name or function.__name__.replace("_", "-"), python=False, requires=requires, tags=tags)(run)
        return function

    return decorate


def _run(
    session: nox.Session, environment: Environment, program: str, *arguments: str | Path, **variables: str | None
) -> None:
    """Run a program of an environment."""
    path = f"{DEV.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    home = str(VENVS / "ansible-home" / session.name)
    settings = {"PATH": path, "ANSIBLE_HOME": home, "ANSIBLE_NOCOLOR": "1", **variables}
    session.run(environment.program(program), *arguments, env=settings, external=True)


def _pytest(
    session: nox.Session, environment: Environment, folder: str, *arguments: str, **variables: str | None
) -> None:
    report = LOGS / f"{session.name}.xml"
    report.unlink(missing_ok=True)
    options = ("-m", "pytest", f"tests/{folder}", f"--junitxml={report}", "--quiet", *arguments, *session.posargs)
    _run(session, environment, "python", *options, **variables)


def _tool(session: nox.Session, environment: Environment, module: str, *arguments: str) -> None:
    """Run one of ``tests/tools``."""
    with session.chdir(TESTS):
        _run(session, environment, "python", "-m", f"tools.{module}", *arguments)


# The playbooks, on each ansible-core


def _integration(session: nox.Session, lane: Environment) -> None:
    """Run real playbooks with this ansible-core and the built collection."""
    collections = VENVS / "collections" / lane.name
    shutil.rmtree(collections, ignore_errors=True)
    tarball = collection.build(collections / "dist", lane.folder)
    collection.install(tarball, collections, lane.folder)
    target = TARGET.folder / "bin" / "python"
    _pytest(
        session,
        DEV,
        "integration",
        "--numprocesses=2",
        FLEETOPS_LANE_VENV=str(lane.folder),
        FLEETOPS_COLLECTIONS=str(collections),
        FLEETOPS_TARGET_PYTHON=str(without_blanks(target)) if target.exists() else None,
    )


def _sanity(session: nox.Session, lane: Environment) -> None:
    """Run ansible-test sanity."""
    if ignores := list(ROOT.glob("tests/sanity/ignore-*.txt")):
        session.error(f"No ignore files here, please: {', '.join(path.name for path in ignores)}")
    _ansible_test(session, lane, "sanity", "--junit", *_left_out_of_sanity(lane))


def _left_out_of_sanity(lane: Environment) -> tuple[str, ...]:
    """Return arguments that save half of the time, most of which is pylint's."""
    if lane is CORE_LANES[-1]:
        return ()
    # The tests are not in the tarball, and run with the newest ansible-core only.
    without_tests = ("--exclude", "tests/")
    if lane is CORE_LANES[0] or RUNS_ALL:
        return without_tests
    return (*without_tests, "--skip-test", "pylint")


def _ansible_test(session: nox.Session, lane: Environment, command: str, *arguments: str) -> None:
    session.install("--requirement", str(lane.requirements.relative_to(ROOT)))
    environment = Path(session.virtualenv.location).resolve()
    prepared = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if prepared is None:
        session.error("The collection could not be copied.")
    home = VENVS / "ansible-test" / session.name
    ansible_test_home.prepare(environment, home)
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    # Not the script in bin: in a folder with a blank in its name the one of ansible-core 2.16 does not start.
    program = ("python", "-m", "ansible_test._util.target.cli.ansible_test_cli_stub")
    folder = LOGS / session.name
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with session.chdir(prepared.current_path):
            variables = {"HOME": str(home), "PATH": path, "XDG_CONFIG_HOME": None}
            session.run(*program, command, "--color", "no", *arguments, *session.posargs, env=variables)
    finally:
        if (reports := prepared.current_path / "tests" / "output" / "junit").is_dir():
            shutil.copytree(reports, folder)
    if not list(folder.glob("*.xml")):
        session.error("ansible-test has tested nothing.")


def _sessions_of(lane: Environment) -> None:
    integration = functools.update_wrapper(functools.partial(_integration, lane=lane), _integration)
    check(DEV, lane, uses=(TARGET,), name=f"integration-{lane.name}")(integration)
    sanity = functools.update_wrapper(functools.partial(_sanity, lane=lane), _sanity)
    python = _python(lane) or lane.pythons[0]
    nox.session(name=f"sanity-{lane.name}", python=python, tags=["test"])(sanity)


_sessions_of(CORE_LANES[-1])


@check(AWX, uses=CORE_LANES)
def awx_tests(session: nox.Session) -> None:
    """Run AWX's own code, ansible-runner and the modules of awx.awx with what is shipped for AWX."""
    _pytest(session, AWX, "awx", "--numprocesses=2")


@check(EDA, AWX, DEV)
def eda_tests(session: nox.Session) -> None:
    """Run ansible-rulebook with what is shipped for Event-Driven Ansible."""
    # Tests that need nginx say so where there is none.
    nginx.found_or_unpacked()
    _pytest(session, EDA, "eda", "--numprocesses=2")


for _lane in CORE_LANES[:-1]:
    _sessions_of(_lane)


@check(DEV)
def docs_tests(session: nox.Session) -> None:
    """Run the examples and hold the pages against the code."""
    _pytest(session, DEV, "docs", "--numprocesses=2")


@check(DEV)
def task_tests(session: nox.Session) -> None:
    """Test a task from its options to its result, against the simulator."""
    _pytest(session, DEV, "task", "--numprocesses=2")


@check(DEV)
def unit(session: nox.Session) -> None:
    """Run the unit tests."""
    _pytest(session, DEV, "unit", "--numprocesses=2")


@check(BROWSER, SITE)
def browser_tests(session: nox.Session) -> None:
    """Look at the report and the site in a browser: both themes, all widths, without scripts, with hostile texts."""
    if chromium.found_or_installed() is None:
        session.skip(chromium.MISSING)
    _pytest(session, BROWSER, "browser")


@check(OLDEST)
def client_oldest(session: nox.Session) -> None:
    """Test the client with the oldest requests and urllib3 that are supported."""
    _pytest(session, OLDEST, "client", "--numprocesses=2")


@nox.session(name=f"units-{TARGET.name}", python=_python(CORE_LANES[-1]) or CORE_LANES[-1].pythons[0], tags=["test"])
def units_of_target(session: nox.Session) -> None:
    """Run the unit tests of module code on the oldest Python that runs it, through ansible-test."""
    if _python(TARGET) is None:
        session.skip(_missing(TARGET))
    # The watch of an event source needs the Python of ansible-rulebook, which is newer.
    without_watch = () if RUNS_ALL else ("--exclude", "tests/unit/plugins/module_utils/_watch/")
    _ansible_test(session, CORE_LANES[-1], "units", "--venv", "--python", TARGET.pythons[0], *without_watch)


@check(DEV)
def client(session: nox.Session) -> None:
    """Test the client over HTTP."""
    _pytest(session, DEV, "client", "--numprocesses=2")


@check(DEV)
def package(session: nox.Session) -> None:
    """Test the built tarball."""
    _pytest(session, DEV, "package")


@check(OPENAPI)
def openapi_tests(session: nox.Session) -> None:
    """Hold the simulator against its OpenAPI description."""
    _pytest(session, OPENAPI, "openapi")


@check(DEV)
def simulator_tests(session: nox.Session) -> None:
    """Test the simulator with plain requests."""
    _pytest(session, DEV, "simulator_tests", "--numprocesses=2")


@check(SITE, tags=("test", "docs"))
def docs(session: nox.Session) -> None:
    """Build the documentation site into dist/site: no warnings, no dead links within it."""
    _tool(session, SITE, "site", *session.posargs)


@check(DEV)
def official_sdk(session: nox.Session) -> None:
    """Hold the simulator against the official SDK."""
    _pytest(session, DEV, "official_sdk", "--numprocesses=2")


@check(DEV, tags=("test", "lint", "quick"))
def mypy(session: nox.Session) -> None:
    """Check the types."""
    shaped = SHAPED_CHECKOUT.relative_to(ROOT)
    _run(session, DEV, "mypy", shaped / "plugins", shaped / "extensions", "tests", "noxfile.py")


@check(DEV, tags=("test", "lint"))
def tables(session: nox.Session) -> None:
    """Tell whether what is generated is up to date; ``make tables`` writes it."""
    arguments = () if "--write" in session.posargs else ("--check",)
    for module in TABLES:
        _tool(session, DEV, module, *arguments)


TABLES = ("role_options", "wait_table", "state_diagram", "source_options", "simulator_tables", "message_table")


@check(DEV, tags=("test", "lint", "quick"))
def ruff(session: nox.Session) -> None:
    """Check the Python code and its format."""
    _run(session, DEV, "ruff", "check", ".")
    _run(session, DEV, "ruff", "format", "--check", "--diff", ".")


@check(DEV, tags=())
def formatting(session: nox.Session) -> None:
    """Let ruff put the Python code in order."""
    _run(session, DEV, "ruff", "check", "--fix", ".")
    _run(session, DEV, "ruff", "format", ".")


@check(DEV, tags=("test", "lint"))
def forge(session: nox.Session) -> None:
    """Check the files that only the forge, editors and hooks read, the scripts, and the changelog fragments."""
    workflows = _known(".github/workflows/*.yml")
    _run(session, DEV, "actionlint", "-shellcheck", DEV.program("shellcheck"), *workflows)
    _run(session, DEV, "zizmor", "--offline", "--pedantic", "--strict-collection", "--no-progress", ".")
    for schema, pattern in SCHEMAS:
        _run(session, DEV, "check-jsonschema", "--builtin-schema", schema, *_known(pattern))
    _run(session, DEV, "pre-commit", "validate-config", ".pre-commit-config.yaml")
    scripts = [path for path in worktree.known_files() if path.suffix == ".sh" or path == Path(".ci/run")]
    _run(session, DEV, "shellcheck", *scripts)
    _run(session, DEV, "antsibull-changelog", "lint")
    _pytest(session, DEV, "repository")


# Which of check-jsonschema's own schemas, none of which is fetched, each file for the forge must fit.
SCHEMAS = (
    ("vendor.github-workflows", ".github/workflows/*.yml"),
    ("custom.github-workflows-require-timeout", ".github/workflows/*.yml"),
    ("vendor.dependabot", ".github/dependabot.yml"),
    ("vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
    ("vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/*_*.yml"),
)


def _known(*patterns: str) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern))


@check(SITE, tags=("test", "lint"))
def prose(session: nox.Session) -> None:
    """Check the spelling everywhere, and the style of the pages."""
    pages = _known("*.md", "docs/*.md", "roles/*/README.md")
    _run(session, SITE, "codespell", *pages, "docs", "plugins", "roles", "playbooks", "extensions", "changelogs")
    _run(session, SITE, "proselint", "check", "--config", "tests/site/proselint.json", *pages)


@check(DEV, name="unit-quick", tags=("quick",))
def unit_quick(session: nox.Session) -> None:
    """Run the unit tests without the slow ones."""
    _pytest(session, DEV, "unit", "-m", "not slow", "--numprocesses=2")


antsibull_nox.load_antsibull_nox_toml()
# antsibull-nox gives its sessions no tags, and the Python that runs nox, which may be too old for ansible-core.
for _name in ("antsibull-nox-config", "yamllint", "license-check", "extra-checks", "ansible-lint"):
    _session = nox.registry.get()[_name]
    _session.tags = ["test", "lint"]
    _session.python = _session.python if _session.python is False else _python(DEV)
nox.registry.get()["build-import-check"].tags += ["test"]
nox.registry.get()["build-import-check"].python = _python(DEV)


# By hand


@check(SITE, tags=())
def links(session: nox.Session) -> None:
    """Check the links to other sites."""
    _tool(session, SITE, "site", "--links")


@check(DEV, uses=(TARGET,), tags=())
def coverage(session: nox.Session) -> None:
    """Report how much of plugins/ the tests run, by branch; takes half an hour."""
    _tool(session, DEV, "coverage", *session.posargs)


@check(DEV, SITE, tags=())
def build(session: nox.Session) -> None:
    """Build the collection's tarball, with the guides for docs.ansible.com, into dist."""
    _tool(session, DEV, "collection")


@check(DEV, tags=())
def benchmark(session: nox.Session) -> None:
    """Measure waits beside uri, the official SDK and the floor."""
    with session.chdir(TESTS):
        _run(session, DEV, "python", "-m", "benchmark", *session.posargs)


@check(DEV, DEMO, BROWSER, tags=())
def pictures(session: nox.Session) -> None:
    """Draw the pictures in docs/images from real runs."""
    _tool(session, DEV, "pictures")
    _tool(session, BROWSER, "screenshots")


@nox.session(venv_backend="none")
def lock(session: nox.Session) -> None:
    """Lock the newest versions that requirements/*.in allow; all environments, or those that are named."""
    uv = Path(sys.executable).with_name("uv")
    pythons = {**{one.name: one.lock_python for one in ALL}, "nox": "3.10"}
    options = ["--quiet", "--upgrade", "--universal", "--no-emit-index-url", "--no-emit-find-links"]
    for name in session.posargs or pythons:
        command = ["pip", "compile", *options, "--python-version", pythons[name]]
        command += ["--custom-compile-command", "make lock", "--output-file", f"{name}.txt", f"{name}.in"]
        with session.chdir(REQUIREMENTS):
            session.run(str(uv), *command, env=dict.fromkeys(indexes.LOCAL_SETTINGS), external=True)


if __name__ == "__main__":
    nox.main()
