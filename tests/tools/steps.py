# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is checked: every step, its lane, its command, and roughly how long it takes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tools import ansible_test, worktree
from tools.environments import AWX, BROWSER, CORE_LANES, DEV, EDA, OLDEST, OPENAPI, SITE, TARGET, Environment
from tools.paths import LOGS, ROOT, SHAPE, SHAPED_CHECKOUT

_BIN = DEV.folder / "bin"
# A line of ansible-test for each test that it runs.
_SANITY_TEST = r'^Running sanity test "'
# Which of check-jsonschema's own schemas, none of which is fetched, each file for the forge must fit.
_SCHEMAS = {
    "workflows": ("vendor.github-workflows", ".github/workflows/*.yml"),
    "timeouts": ("custom.github-workflows-require-timeout", ".github/workflows/*.yml"),
    "dependabot": ("vendor.dependabot", ".github/dependabot.yml"),
    "issue-config": ("vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
    "issue-forms": ("vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/*_*.yml"),
}


@dataclass(frozen=True)
class Step:
    """One command of the checks.

    Its tests are counted in the JUnit files that it writes (``reports``, a pattern below the checkout), else by the
    lines of its output that match ``counted``; a step that has neither counts as one test.
    """

    name: str
    group: str
    command: tuple[str, ...]
    lane: str = ""
    folder: Path = ROOT
    variables: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[Environment, ...] = (DEV,)
    reports: str = ""
    counted: str = ""
    seconds: int = 5

    @property
    def title(self) -> str:
        """Name and lane, as one word for file names."""
        return f"{self.name}-{self.lane}" if self.lane else self.name

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return LOGS / f"{self.title}.log"

    def written_reports(self) -> list[Path]:
        """Return the JUnit files that are there."""
        return sorted(ROOT.glob(self.reports)) if self.reports else []


def _tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(_BIN / name), *arguments)


def _own(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"tools.{module}", *arguments)


def _pytest(name: str, *arguments: str, seconds: int, group: str = "") -> Step:
    report = f"{LOGS.name}/{name}.xml"
    command = _tool("python", "-m", "pytest", f"tests/{name}", f"--junitxml={report}", *arguments)
    return Step(name, group or name, command, reports=report, seconds=seconds)


def _lint() -> list[Step]:
    scripts = [str(path) for path in worktree.known_files() if path.suffix == ".sh" or path == Path(".ci/run")]
    typed = [f"{SHAPED_CHECKOUT.relative_to(ROOT)}/{folder}" for folder in ("plugins", "extensions")]
    typed = [folder for folder in typed if list((ROOT / folder).rglob("*.py"))]
    return [
        Step("ruff", "lint", _tool("ruff", "check", ".")),
        Step("ruff-format", "lint", _tool("ruff", "format", "--check", "--diff", ".")),
        Step("mypy", "lint", _tool("mypy", *typed, "tests"), seconds=20),
        Step("reuse", "lint", _tool("reuse", "lint")),
        Step("yamllint", "lint", _tool("yamllint", "--strict", ".")),
        Step("shellcheck", "lint", _tool("shellcheck", *scripts)),
        Step(
            "ansible-lint",
            "lint",
            _tool("ansible-lint", "--offline", "--nocolor"),
            variables={"ANSIBLE_COLLECTIONS_PATH": str(SHAPE)},
            seconds=15,
        ),
        Step(
            "role-options",
            "lint",
            _tool("python", "-m", "tools.role_options", "--check"),
            folder=ROOT / "tests",
        ),
        Step(
            "wait-table",
            "lint",
            _tool("python", "-m", "tools.wait_table", "--check"),
            folder=ROOT / "tests",
            seconds=20,
        ),
        Step(
            "source-options",
            "lint",
            _tool("python", "-m", "tools.source_options", "--check"),
            folder=ROOT / "tests",
        ),
        Step(
            "simulator-tables",
            "lint",
            _tool("python", "-m", "tools.simulator_tables", "--check"),
            folder=ROOT / "tests",
        ),
        Step("changelog-lint", "changelog-lint", _tool("antsibull-changelog", "lint")),
    ]


def _repository() -> list[Step]:
    """The files for the forge, editors and hooks: what reads them elsewhere is not there to complain."""
    workflows = _known(".github/workflows/*.yml")
    schemas = [
        Step(name, "lint", _tool("check-jsonschema", "--builtin-schema", schema, *_known(pattern)))
        for name, (schema, pattern) in _SCHEMAS.items()
    ]
    return [
        Step("actionlint", "lint", _tool("actionlint", "-shellcheck", str(_BIN / "shellcheck"), *workflows)),
        Step("zizmor", "lint", _tool("zizmor", "--offline", "--pedantic", "--strict-collection", "--no-progress", ".")),
        *schemas,
        Step("pre-commit", "lint", _tool("pre-commit", "validate-config", ".pre-commit-config.yaml")),
        _pytest("repository", seconds=5, group="lint"),
    ]


def _known(pattern: str) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern))


def quick_steps() -> list[Step]:
    """The inner loop: the linters of Python code and the unit tests without the slow ones, all in one environment."""
    linters = [replace(step, group=QUICK) for step in _lint() if step.name in ("ruff", "ruff-format", "mypy")]
    report = f"{LOGS.name}/{QUICK}.xml"
    arguments = ("tests/unit", "-m", "not slow", f"--junitxml={report}", "--numprocesses=2")
    unit = Step("unit-quick", QUICK, _tool("python", "-m", "pytest", *arguments), reports=report, seconds=30)
    return [*linters, unit]


def _of_lane(lane: Environment) -> list[Step]:
    report = f"{LOGS.name}/integration-{lane.name}.xml"
    return [
        Step(
            "integration",
            "integration",
            _own("integration", lane.name, f"--junitxml={report}", "--numprocesses=2"),
            lane=lane.name,
            folder=ROOT / "tests",
            needs=(DEV, lane),
            reports=report,
            # The newest lane has all tests.
            seconds=700 if lane is CORE_LANES[-1] else 150,
        ),
        Step(
            "sanity",
            "sanity",
            _own("ansible_test", lane.name, "sanity", "--color", "no"),
            lane=lane.name,
            folder=ROOT / "tests",
            needs=(lane,),
            counted=_SANITY_TEST,
            seconds=150,
        ),
    ]


def _oldest_target() -> Step:
    """The unit tests of module code on the oldest Python that runs it, through the newest ansible-test."""
    core = CORE_LANES[-1]
    arguments = ("units", "--venv", "--python", TARGET.pythons[0], "--color", "no")
    copy = ansible_test.copy_folder(core, arguments[0]).relative_to(ROOT)
    return Step(
        "units",
        "sanity",
        _own("ansible_test", core.name, *arguments),
        lane=TARGET.name,
        folder=ROOT / "tests",
        needs=(core, TARGET),
        reports=f"{copy}/tests/output/junit/*.xml",
        seconds=60,
    )


def _awx() -> Step:
    """The tests with AWX's own code and modules, in the environment that has them."""
    report = f"{LOGS.name}/awx.xml"
    command = (str(AWX.folder / "bin" / "python"), "-m", "pytest", "tests/awx", f"--junitxml={report}")
    return Step("awx", "awx", (*command, "--numprocesses=2"), needs=(AWX,), reports=report, seconds=500)


def _eda() -> Step:
    """The rulebooks with ansible-rulebook itself, which needs Java; the environment brings one."""
    report = f"{LOGS.name}/eda.xml"
    command = (str(EDA.folder / "bin" / "python"), "-m", "pytest", "tests/eda", f"--junitxml={report}")
    return Step("eda", "eda", (*command, "--numprocesses=2"), needs=(EDA, AWX, DEV), reports=report, seconds=200)


def _browser() -> Step:
    """What only a browser can tell."""
    report = f"{LOGS.name}/browser.xml"
    python = str(BROWSER.folder / "bin" / "python")
    command = (python, "-m", "pytest", "tests/browser", f"--junitxml={report}")
    return Step("browser", "browser", command, lane=BROWSER.name, needs=(BROWSER,), reports=report, seconds=80)


def _prose() -> list[Step]:
    """Spelling everywhere, and the style of the pages."""
    pages = [page for pattern in ("*.md", "docs/*.md", "roles/*/README.md") for page in _known(pattern)]
    texts = [*pages, "docs", "plugins", "roles", "playbooks", "extensions", "changelogs/fragments"]
    tools = SITE.folder / "bin"
    return [
        Step("codespell", "lint", (str(tools / "codespell"), *texts), needs=(SITE,)),
        Step(
            "proselint",
            "lint",
            (str(tools / "proselint"), "check", "--config", "tests/site/proselint.json", *pages),
            needs=(SITE,),
        ),
    ]


def _site() -> Step:
    """The documentation of the plugins, and the site: no warnings, no dead links within it."""
    command = (str(SITE.folder / "bin" / "python"), "-m", "tools.site")
    return Step("docs-site", "docs-lint", command, folder=ROOT / "tests", needs=(SITE,), seconds=40)


def _openapi() -> Step:
    report = f"{LOGS.name}/openapi.xml"
    python = str(OPENAPI.folder / "bin" / "python")
    command = (python, "-m", "pytest", "tests/openapi", f"--junitxml={report}")
    return Step("openapi", "simulator_tests", command, needs=(OPENAPI,), reports=report, seconds=45)


def _oldest_libraries() -> Step:
    """The tests of the way to the service, with the oldest requests and urllib3 that are supported."""
    report = f"{LOGS.name}/client-{OLDEST.name}.xml"
    python = str(OLDEST.folder / "bin" / "python")
    command = (python, "-m", "pytest", "tests/client", f"--junitxml={report}", "--numprocesses=2")
    return Step("client", "client", command, lane=OLDEST.name, needs=(OLDEST,), reports=report, seconds=100)


def all_steps() -> list[Step]:
    """Return every step, in the order of the summary."""
    steps = [*_lint(), *_repository(), *_prose()]
    steps += [
        _pytest("unit", "--numprocesses=2", seconds=120),
        _pytest("client", "--numprocesses=2", seconds=60),
        _pytest("official_sdk", "--numprocesses=2", seconds=20, group="simulator_tests"),
        _pytest("simulator_tests", "--numprocesses=2", seconds=40),
        _openapi(),
        _pytest("task", "--numprocesses=2", seconds=130),
        _pytest("package", seconds=60),
        _pytest("docs", "--numprocesses=2", group="docs-lint", seconds=180),
    ]
    steps += [_oldest_libraries(), _awx(), _eda(), _browser(), _site()]
    for lane in CORE_LANES:
        steps += _of_lane(lane)
    return [*steps, _oldest_target()]


# Not a group: its steps are parts of others.
QUICK = "quick"
GROUPS = (
    "lint",
    "changelog-lint",
    "docs-lint",
    "unit",
    "client",
    "simulator_tests",
    "task",
    "package",
    "awx",
    "eda",
    "browser",
    "integration",
    "sanity",
)
