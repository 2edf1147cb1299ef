# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.app import ADMIN_PREFIX, API_PREFIX, make_app
from simulator.clock import SimulatedClock, parse_instant
from simulator.examples import example_names, found_scenario
from simulator.rehearsal import rehearse
from simulator.scenario import Scenario, read_scenario
from simulator.server import listen, make_server, write_ready_file
from simulator.strict import DataError
from simulator.tls_files import TlsFiles, write_tls_files
from simulator.world import World


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator until it is stopped, or for a command. Returns the exit code (2: wrong options or files)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    options = parser.parse_args(given)
    if options.command and options.ready_file:
        parser.error("--ready-file is for a simulator without a command")
    if bool(options.tls_cert) != bool(options.tls_key):
        parser.error("--tls-cert and --tls-key belong together")
    if options.tls and options.tls_cert:
        parser.error("--tls makes the certificate: --tls-cert and --tls-key do not go with it")
    try:
        scenario = read_scenario(found_scenario(options.scenario)) if options.scenario else Scenario()
        if options.command:
            return rehearse([*given[: given.index("--")], "--hold"], options.command, scenario)
        # Options of the command line override the scenario.
        setting = {
            "now": options.start and options.start.isoformat(),
            "speed": options.speed,
            "starts": "first_request" if options.hold else None,
        }
        setting = {name: value for name, value in setting.items() if value is not None}
        scenario.clock = dataclasses.replace(scenario.clock, **setting)
        tls = _tls_files(options)
        world = World(SimulatedClock(), scenario, bool(tls and tls.other_file))
        bound = listen(options.host, options.port)
    except (DataError, ValueError, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    scheme = "https" if tls else "http"
    host = f"[{options.host}]" if ":" in options.host else options.host
    root = f"{scheme}://{host}:{bound.getsockname()[1]}"

    def on_listening() -> None:
        print(_welcome(root, world, scenario, tls), flush=True)
        if options.ready_file:
            write_ready_file(options.ready_file, root + API_PREFIX, root + ADMIN_PREFIX)

    try:
        server = make_server(
            make_app(world, options.callback_ca),
            tls=tls,
            access_log=options.access_log,
            on_listening=on_listening,
            is_misnamed=lambda: world.faults.take_for_connection(world.clock.seconds()) is not None,
        )
        server.run(sockets=[bound])
    except OSError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thingspace-simulator", description="A simulator of the ThingSpace service for firmware campaigns."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port, 0 for any free one (default %(default)s)")
    parser.add_argument("--speed", type=float, help="simulated seconds in a real second (default 1)")
    parser.add_argument(
        "--start", type=_instant, help="simulated time at the start, such as 2026-03-01T00:00:00Z (default: now)"
    )
    parser.add_argument(
        "--hold", action="store_true", help="let the clock stand still until the first request to the service"
    )
    parser.add_argument(
        "--scenario",
        type=Path,
        metavar="FILE",
        help=f"scenario, JSON or YAML, or one of the examples: {', '.join(example_names())} (default: stock data)",
    )
    parser.add_argument(
        "--tls", type=Path, metavar="FOLDER", help="serve HTTPS; its certificate authority is written there, as ca.pem"
    )
    parser.add_argument("--tls-cert", metavar="FILE", help="serve HTTPS with this certificate (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", help="private key of the certificate (PEM)")
    parser.add_argument(
        "--callback-ca",
        metavar="FILE",
        help="certificate authority (PEM) that listeners of callbacks must have (default: those of the system)",
    )
    parser.add_argument(
        "--ready-file", type=Path, metavar="FILE", help="write url, admin_url and pid as JSON when listening"
    )
    parser.add_argument("--access-log", action="store_true", help="one line a request (no headers, no bodies)")
    parser.add_argument(
        "command",
        nargs="*",
        metavar="-- COMMAND",
        help="run this with a simulator on a free port, for as long as it takes, and give its exit code",
    )
    return parser


def _instant(text: str) -> dt.datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date and time: {error}") from error


def _tls_files(options: argparse.Namespace) -> TlsFiles | None:
    """Return the certificates of the server, if any. Raises ValueError if they cannot be created."""
    if options.tls_cert:
        return TlsFiles("", options.tls_cert, options.tls_key)
    if not options.tls:
        return None
    options.tls.mkdir(parents=True, exist_ok=True)
    try:
        return write_tls_files(options.tls, [*dict.fromkeys((options.host, "127.0.0.1", "localhost"))])
    except ImportError as error:
        raise ValueError("--tls needs the Python library trustme") from error


def _welcome(root: str, world: World, scenario: Scenario, tls: TlsFiles | None) -> str:
    lines = [
        "ThingSpace simulator",
        f"  api_url         {root}{API_PREFIX}",
        f"  status page     {root}/",
        f"  admin calls     {root}{ADMIN_PREFIX}",
        f"  simulated time  {world.clock.now():%Y-%m-%d %H:%M:%S} UTC, {world.clock.speed:g} seconds in a real second"
        + (", from the first request on" if scenario.clock.starts == "first_request" else ""),
        f"  accounts        {', '.join(world.accounts())}",
    ]
    if tls is not None and tls.ca_file:
        lines.append(f"  ca_path         {tls.ca_file}")
    for campaign in world.campaigns.all():
        lines.append(f"  campaign ({campaign.api_version})   {campaign.id} in {campaign.account_name}")
    for pair in scenario.credential_list():
        # Not secrets: they are valid only for this simulator.
        lines.append(f"  OAuth client    api_key={pair.api_key} api_secret={pair.api_secret}")
        lines.append(f"  user            username={pair.username} password={pair.password}")
    lines.append("Stop it with Ctrl+C.")
    return "\n".join(lines)
