# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes a request: reads it, counts it, and returns the service's answer or a fault."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from simulator.answer import Answer
from simulator.call import Call
from simulator.clock import http_date
from simulator.counters import Kind, LogEntry
from simulator.fault_answers import faulty_answer
from simulator.faults import FaultRule
from simulator.wire import Wire
from simulator.world import World


class Gate:
    """An ASGI application for one kind of request. ``send_changes`` sends callbacks for the changes by the request."""

    def __init__(
        self, world: World, kind: Kind, handler: Callable[[World, Call], Answer], send_changes: Callable[[], None]
    ) -> None:
        self._world = world
        self._kind = kind
        self._handler = handler
        self._send_changes = send_changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            call = await self._read(Request(scope, receive))
        except ClientDisconnect:
            return
        if self._kind != "other":
            self._world.clock.release()
        entry = self._world.counters.arrived(
            method=call.method,
            path=call.path,
            kind=self._kind,
            client_port=scope["client"][1] if scope["client"] else None,
            user_agent=call.headers.get("user-agent"),
            header_names=list(call.headers.keys()),
            campaign_id=call.parts.get("id", ""),
        )
        transport: asyncio.Transport = scope["state"]["transport"]
        wire = Wire(receive, send, transport, http_date(self._world.clock.now()))
        rule = self._world.faults.take(self._kind, call.path, call.cursor() or 0, self._world.clock.seconds())
        try:
            if rule is None:
                await wire.answer(self._counted(entry, self._handler(self._world, call)))
            else:
                await self._disturb(rule, call, entry, wire)
        finally:
            self._send_changes()

    async def _read(self, request: Request) -> Call:
        return Call(
            method=request.method,
            # The raw path, which shows how a client encodes its parts.
            path=request.scope["raw_path"].decode("latin-1"),
            kind=self._kind,
            headers=request.headers,
            query=request.query_params,
            parts=request.path_params,
            body=await request.body(),
        )

    def _counted(self, entry: LogEntry, answer: Answer, rule: FaultRule | None = None) -> Answer:
        # Counted before the answer is sent, so that a client with an answer always finds it in the counters.
        self._world.counters.answered(entry, answer.status, rule.action if rule else None)
        return answer

    async def _disturb(self, rule: FaultRule, call: Call, entry: LogEntry, wire: Wire) -> None:
        def real(asked: Call = call) -> Answer:
            return self._handler(self._world, asked)

        counters = self._world.counters
        if rule.action == "slow":
            await wire.answer(self._counted(entry, real(), rule), rule.seconds)
        elif rule.action == "truncated":
            await wire.half(self._counted(entry, real(), rule))
            await wire.close()
        elif rule.action == "huge":
            counters.answered(entry, 200, rule.action)
            await wire.huge(rule.mib, is_compressed=rule.name == "gzip")
        elif rule.action in ("reset", "close", "hang"):
            if rule.midway:
                await wire.half(self._counted(entry, real(), rule))
            else:
                counters.answered(entry, None, rule.action)
            await {"reset": wire.reset, "close": wire.close, "hang": wire.hang}[rule.action]()
        else:
            answer = faulty_answer(rule, call, real, self._world.clock.now())
            await wire.answer(self._counted(entry, answer, rule))
