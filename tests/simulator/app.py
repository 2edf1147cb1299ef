# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ASGI application: the table of all paths."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from simulator import callback_routes, credential_routes
from simulator.access import Handler
from simulator.admin_routes import admin_routes
from simulator.callback_sender import CallbackSender
from simulator.campaign_routes import list_campaigns, list_upgrades, read_campaign
from simulator.change_routes import cancel, put_dates, put_devices, schedule
from simulator.counters import Kind
from simulator.device_routes import read_devices
from simulator.gate import Gate
from simulator.gateway import wrong_path
from simulator.history_routes import read_history
from simulator.status_page import status_page
from simulator.subscription_routes import read_subscription
from simulator.world import World

API_PREFIX = "/api"
ADMIN_PREFIX = "/_simulator"

API_TABLE: list[tuple[str, str, Kind, Handler]] = [
    ("POST", "/ts/v1/oauth2/token", "oauth_token", credential_routes.token),
    ("POST", "/ts/v1/oauth2/revoke", "oauth_revoke", credential_routes.revoke),
    ("POST", "/m2m/v1/session/login", "session_login", credential_routes.login),
    ("POST", "/m2m/v1/session/logout", "session_logout", credential_routes.logout),
    ("GET", "/fota/v1/upgrades/{acc}/upgrade/{id}", "campaign_read", read_campaign("v1")),
    ("GET", "/fota/v2/campaigns/{acc}/{id}", "campaign_read", read_campaign("v2")),
    ("GET", "/fota/v3/campaigns/{acc}/{id}", "campaign_read", read_campaign("v3")),
    ("GET", "/fota/v1/reports/{acc}/status/{status}/index/{index}", "campaign_list", list_upgrades),
    ("GET", "/fota/v2/reports/{acc}/campaigns", "campaign_list", list_campaigns("v2")),
    # The documents have the first path for v3, the official SDK the second.
    ("GET", "/fota/v3/reports/{acc}/campaigns", "campaign_list", list_campaigns("v3")),
    ("GET", "/fota/v3/reports/{acc}/firmware/campaigns", "campaign_list", list_campaigns("v3")),
    ("GET", "/fota/v2/reports/{acc}/campaigns/{id}/devices", "device_report", read_devices("v2")),
    ("GET", "/fota/v3/reports/{acc}/campaigns/{id}/devices", "device_report", read_devices("v3")),
    ("GET", "/fota/v1/reports/{acc}/devices/{device}", "device_history", read_history("v1")),
    # The index of the documents has the first path for v1, their sample the second.
    ("GET", "/fota/v1/reports/{acc}/device/{device}", "device_history", read_history("v1")),
    ("GET", "/fota/v2/reports/{acc}/devices/{device}", "device_history", read_history("v2")),
    ("GET", "/fota/v3/reports/{acc}/devices/{device}", "device_history", read_history("v3")),
    ("POST", "/fota/v1/upgrades", "campaign_schedule", schedule("v1", "upgrade")),
    # The older documents have the first path for v2, the current ones the second; the SDK has both.
    ("POST", "/fota/v2/campaigns/{acc}", "campaign_schedule", schedule("v2", "software")),
    ("POST", "/fota/v2/campaigns/software/{acc}", "campaign_schedule", schedule("v2", "software")),
    ("POST", "/fota/v2/campaigns/files/{acc}", "campaign_schedule", schedule("v2", "file")),
    ("POST", "/fota/v3/campaigns/firmware/{acc}", "campaign_schedule", schedule("v3", "firmware")),
    # One revision of the documents has this path.
    ("POST", "/fota/v3/campaigns/software/{acc}", "campaign_schedule", schedule("v3", "firmware")),
    ("PUT", "/fota/v1/upgrades/{acc}/upgrade/{id}", "campaign_devices", put_devices("v1")),
    ("PUT", "/fota/v2/campaigns/{acc}/{id}", "campaign_devices", put_devices("v2")),
    # The documents have the first path for v3, their index and the SDK the second.
    ("PUT", "/fota/v3/campaigns/{acc}/{id}", "campaign_devices", put_devices("v3")),
    ("PUT", "/fota/v3/campaigns/firmware/{acc}/{id}", "campaign_devices", put_devices("v3")),
    ("PUT", "/fota/v2/campaigns/{acc}/{id}/dates", "campaign_dates", put_dates("v2")),
    ("PUT", "/fota/v3/campaigns/firmware/{acc}/{id}/dates", "campaign_dates", put_dates("v3")),
    ("DELETE", "/fota/v1/upgrades/{acc}/upgrade/{id}", "campaign_cancel", cancel("v1")),
    ("DELETE", "/fota/v2/campaigns/{acc}/{id}", "campaign_cancel", cancel("v2")),
    ("DELETE", "/fota/v3/campaigns/{acc}/{id}", "campaign_cancel", cancel("v3")),
    ("GET", "/fota/v1/subscriptions/{acc}", "subscription", read_subscription),
    ("GET", "/fota/v2/subscriptions/{acc}", "subscription", read_subscription),
    ("GET", "/fota/v3/subscriptions/{acc}", "subscription", read_subscription),
    ("GET", "/fota/v1/callbacks/{acc}", "callback", callback_routes.show("v1")),
    ("POST", "/fota/v1/callbacks/{acc}", "callback", callback_routes.register("v1")),
    ("DELETE", "/fota/v1/callbacks/{acc}/name/{service}", "callback", callback_routes.delete("v1")),
    ("GET", "/fota/v2/callbacks/{acc}", "callback", callback_routes.show("v2")),
    ("POST", "/fota/v2/callbacks/{acc}", "callback", callback_routes.register("v2")),
    ("PUT", "/fota/v2/callbacks/{acc}", "callback", callback_routes.register("v2")),
    ("DELETE", "/fota/v2/callbacks/{acc}", "callback", callback_routes.delete("v2")),
    ("GET", "/fota/v3/callbacks/{acc}", "callback", callback_routes.show("v3")),
    ("POST", "/fota/v3/callbacks/{acc}", "callback", callback_routes.register("v3")),
    ("PUT", "/fota/v3/callbacks/{acc}", "callback", callback_routes.register("v3")),
    ("DELETE", "/fota/v3/callbacks/{acc}", "callback", callback_routes.delete("v3")),
]


def make_app(world: World, callback_authorities: str | None = None) -> Starlette:
    """Return the application for a world.

    The last route handles unknown paths, and unknown methods of known paths. ``callback_authorities`` are the
    certificate authorities (PEM) to verify callback listeners with.
    """
    sender = CallbackSender(world, callback_authorities)
    routes: list[Route | Mount] = [
        Route("/", status_page(world)),
        Mount(ADMIN_PREFIX, routes=admin_routes(world, sender)),
    ]
    for method, path, kind, handler in API_TABLE:
        routes.append(Route(API_PREFIX + path, Gate(world, kind, handler, sender.send_changes), methods=[method]))
    routes.append(Route("/{path:path}", Gate(world, "other", wrong_path, sender.send_changes)))
    return Starlette(routes=routes)
