# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""A requests adapter whose connections obey a request limit, and are dropped when they are too old to be trusted."""

from __future__ import annotations

import http.client
import io
import typing as t

from ansible_collections.fleetops.thingspace.plugins.module_utils._http.request_limit import (
    MeteredReader,
    Stage,
    present,
)

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util.connection import allowed_gai_family
except ImportError:
    # Only to be imported without them, by tools that look at the code: nothing here works then.
    HTTPAdapter = object  # type: ignore[assignment,misc]

# Seconds. NATs and load balancers forget a connection without a word after 4 to 6 minutes without traffic (350 s at
# AWS, 240 s at Azure), some after 1 or 2: a request on such a connection is not refused, it is never answered.
_MOST_IDLE: t.Final = 60.0


class _MeteredResponse(http.client.HTTPResponse):
    """An answer, of the service or to CONNECT, of which every byte is counted."""

    def __init__(self, sock: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(MeteredReader(self.fp.detach(), present()))


class _Held:
    """Mixed into a connection class of urllib3, 1.26 or 2, which has no public place for these things."""

    response_class = _MeteredResponse
    idle_since = 0.0
    sock: t.Any

    def _new_conn(self: t.Any) -> t.Any:
        sock = present().connect(self._dns_host, self.port, allowed_gai_family(), self.socket_options or ())
        present().stage = Stage.HANDSHAKE if self.proxy is None else Stage.AT_PROXY
        return sock

    def _tunnel(self) -> None:
        present().is_tunneling = True
        super()._tunnel()  # type: ignore[misc]
        present().is_tunneling = False
        present().stage = Stage.HANDSHAKE

    def send(self: t.Any, data: t.Any) -> None:
        """Send, on a connection that is held from now on if it is one of an earlier request."""
        if self.sock is None:
            self.connect()
        elif present().stage is Stage.RESOLVING:
            present().hold(self.sock, is_new=False)
        # The request to the proxy goes this way, too.
        if not present().is_tunneling:
            present().stage = Stage.SENT
        super().send(data)  # type: ignore[misc]


class _HeldSocks(_Held):
    def _new_conn(self) -> t.Any:
        # The library resolves, connects and negotiates in one.
        present().stage = Stage.AT_PROXY
        sock = super(_Held, self)._new_conn()  # type: ignore[misc]
        present().hold(sock, is_new=True)
        present().stage = Stage.HANDSHAKE
        return sock


class _Pool:
    """Mixed into a connection pool of urllib3."""

    def _get_conn(self, timeout: t.Any = None) -> t.Any:
        connection = super()._get_conn(timeout)  # type: ignore[misc]
        idle = present().monotonic() - connection.idle_since
        if connection.sock is not None and (present().must_be_fresh or idle > _MOST_IDLE):
            # It connects again by itself.
            connection.close()
        return connection

    def _put_conn(self, connection: t.Any) -> None:
        if connection is not None:
            connection.idle_since = present().monotonic()
        super()._put_conn(connection)  # type: ignore[misc]


def _held(pool: t.Any, mixin: type) -> t.Any:
    connection = type(f"Held{pool.ConnectionCls.__name__}", (mixin, pool.ConnectionCls), {})
    return type(f"Held{pool.__name__}", (_Pool, pool), {"ConnectionCls": connection})


def _hold(manager: t.Any, mixin: type) -> None:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _held(pool, mixin) for scheme, pool in pools.items()}


class LimitedAdapter(HTTPAdapter):
    """As its parent, direct and through proxies. Works only within C(RequestLimit.carry)."""

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        """Let every direct connection be a held one."""
        super().init_poolmanager(*args, **kwargs)
        _hold(self.poolmanager, _Held)

    def proxy_manager_for(self, proxy: t.Any, **kwargs: t.Any) -> t.Any:
        """Let every connection through a proxy be a held one."""
        is_known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not is_known:
            _hold(manager, _HeldSocks if proxy.lower().startswith("socks") else _Held)
        return manager

    def build_response(self, req: t.Any, resp: t.Any) -> requests.Response:
        """An answer without its cookies: those of a load balancer would keep a wait at a node that has died."""
        response = requests.Response()
        response.status_code, response.headers, response.raw = resp.status, resp.headers, resp
        return response
