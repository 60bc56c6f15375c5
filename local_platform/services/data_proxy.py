"""DataProxyService: uploads, inputs, outputs, logs, reports and code."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

from flyteidl2.common.run_pb2 import OffloadedInputData
from flyteidl2.dataproxy import dataproxy_service_connect as connect
from flyteidl2.dataproxy import dataproxy_service_pb2 as pb
from flyteidl2.logs.dataplane.payload_pb2 import LogLine, LogLineOriginator
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow.run_definition_pb2 import ActionType

from local_platform import clock, engine
from local_platform.cache_keys import inputs_hash
from local_platform.clock import timestamp
from local_platform.context import Call, Platform, base_url
from local_platform.data import read_inputs, read_outputs, with_defaults, write_inputs
from local_platform.errors import invalid, missing, not_found, unavailable
from local_platform.launch import outputs_folder
from local_platform.links import DOWNLOAD_ROUTE, UPLOAD_ROUTE
from local_platform.log_files import Line
from local_platform.names import check_part, require_action, require_scope
from local_platform.services.run_create import deployed_spec, triggered_task
from local_platform.services.trigger import require_trigger
from local_platform.store import ActionRecord

_DEFAULT_TTL_S = 3600.0
_MAX_TTL_S = 3600.0
# How the SDK's runtime begins its own lines: `[run][action] [flyte] WARNING …`
_RUNTIME_LINE = re.compile(r"(\[[^\]\s]*\]){0,2} ?\[flyte\] ")


class DataProxyService(connect.DataProxyService):  # type: ignore[misc]
    def __init__(self, platform: Platform, address: str) -> None:
        self._platform = platform
        self._store = platform.store
        self._address = address

    async def create_upload_location(
        self, request: pb.CreateUploadLocationRequest, ctx: Call
    ) -> pb.CreateUploadLocationResponse:
        """An address that takes one PUT of one file, and where the file will then be."""
        require_scope(self._store, request.project, request.domain)
        if not request.filename_root and not request.content_md5:
            raise invalid("CreateUploadLocation needs a filename_root or a content_md5")
        if request.content_md5 and len(request.content_md5) != 16:
            raise invalid("content_md5 must be the 16 bytes of an MD5 digest")
        folder = request.filename_root or request.content_md5.hex()
        parts = [*PurePosixPath(folder).parts, *PurePosixPath(request.filename or "data").parts]
        for part in parts:
            check_part("filename", part)
        path = self._platform.layout.uploads.joinpath(request.project, request.domain, *parts)
        ttl_s = self._ttl(request.expires_in.ToTimedelta().total_seconds())
        token = self._platform.links.token("put", path, ttl_s=ttl_s, md5=request.content_md5.hex())
        return pb.CreateUploadLocationResponse(
            signed_url=f"{base_url(ctx, self._address)}{UPLOAD_ROUTE}/{token}",
            native_url=str(path),
            expires_at=timestamp(clock.now() + int(ttl_s * clock.SECOND)),
        )

    async def upload_inputs(
        self, request: pb.UploadInputsRequest, ctx: Call
    ) -> pb.UploadInputsResponse:
        """Stores inputs, completed by the task's defaults; answers their file and hash."""
        project, domain = self._scope(request)
        spec = self._spec(request)
        inputs = with_defaults(request.inputs, spec)
        digest = await inputs_hash(inputs, spec)
        name = base64.urlsafe_b64encode(digest.encode()).decode().rstrip("=")
        path = self._platform.layout.inputs.joinpath(project, domain, name[:120], "inputs.pb")
        await write_inputs(path, inputs)
        stored = OffloadedInputData(uri=str(path), inputs_hash=digest)
        return pb.UploadInputsResponse(offloaded_input_data=stored)

    async def get_action_data(
        self, request: pb.GetActionDataRequest, ctx: Call
    ) -> pb.GetActionDataResponse:
        """Inputs and, once it succeeded, outputs; what has no file is empty."""
        record = require_action(self._store, request.action_id)
        succeeded = record.phase in (engine.SUCCEEDED, engine.RECOVERED)
        return pb.GetActionDataResponse(
            inputs=await read_inputs(record),
            outputs=await read_outputs(record),
            inputs_uri=record.input_uri,
            outputs_uri=record.output_uri if succeeded else "",
        )

    async def create_download_link(
        self, request: pb.CreateDownloadLinkRequest, ctx: Call
    ) -> pb.CreateDownloadLinkResponse:
        """An address from which an attempt's report, or the code that it ran, can be fetched."""
        wanted = request.action_attempt_id
        find = {
            pb.ARTIFACT_TYPE_REPORT: self._report,
            pb.ARTIFACT_TYPE_CODE_BUNDLE: self._code,
        }.get(request.artifact_type)
        if find is None or not request.HasField("action_attempt_id"):
            raise invalid("reports and code bundles can be linked, each with an action_attempt_id")
        file = find(require_action(self._store, wanted.action_id), wanted.attempt)
        ttl_s = self._ttl(request.expires_in.ToTimedelta().total_seconds())
        token = self._platform.links.token("get", file, ttl_s=ttl_s)
        urls = pb.PreSignedURLs(
            signed_url=[f"{base_url(ctx, self._address)}{DOWNLOAD_ROUTE}/{token}"],
            expires_at=timestamp(clock.now() + int(ttl_s * clock.SECOND)),
        )
        return pb.CreateDownloadLinkResponse(pre_signed_urls=urls)

    def _report(self, record: ActionRecord, attempt: int) -> Path:
        report = outputs_folder(record, attempt) / "report.html"
        if not report.is_file() or not report.is_relative_to(self._platform.layout.root):
            raise missing("report", f"{record.run}/{record.name} attempt {attempt}")
        return report

    def _code(self, record: ActionRecord, attempt: int) -> Path:
        """What the SDK uploaded for the task: nothing else that a task may name."""
        missed = missing("code bundle", f"{record.run}/{record.name}")
        if record.kind != ActionType.ACTION_TYPE_TASK:
            raise missed
        spec = self._store.specs.get(record.spec_id, TaskSpec)
        uri = spec.task_template.metadata.code_bundle_uri
        file = Path(uri.removeprefix("file://")).resolve() if uri else None
        uploads = self._platform.layout.uploads
        if file is None or not file.is_relative_to(uploads) or not file.is_file():
            raise missed
        return file

    async def tail_logs(
        self, request: pb.TailLogsRequest, ctx: Call
    ) -> AsyncIterator[pb.TailLogsResponse]:
        """All lines of an attempt from the first on, then new ones until it is over.

        An empty message comes at once, so that a client knows that the stream stands before a
        quiet task says its first word.
        """
        record = require_action(self._store, request.action_id)
        number = request.attempt
        if number < 1:
            raise invalid("attempt counts from 1")
        if number > record.attempts:
            raise not_found(f"attempt {number} of {record.run}/{record.name} has not begun")
        yield pb.TailLogsResponse()
        files = self._platform.layout.attempt(record.key, number)
        async for lines in self._platform.logs.follow(files):
            logs = pb.TailLogsResponse.Logs(lines=[_line(line) for line in lines])
            yield pb.TailLogsResponse(logs=[logs])
        if self._platform.logs.stopped:
            raise unavailable("the platform is stopping")

    def _ttl(self, seconds: float) -> float:
        if seconds > _MAX_TTL_S:
            raise invalid(f"expires_in is above the maximum of {_MAX_TTL_S:.0f} s")
        return seconds or _DEFAULT_TTL_S

    def _scope(self, request: pb.UploadInputsRequest) -> tuple[str, str]:
        match request.WhichOneof("id"):
            case "run_id":
                scope = (request.run_id.project, request.run_id.domain)
            case "project_id":
                scope = (request.project_id.name, request.project_id.domain)
            case _:
                raise invalid("UploadInputs needs a run_id or a project_id")
        require_scope(self._store, *scope)
        return scope

    def _spec(self, request: pb.UploadInputsRequest) -> TaskSpec:
        match request.WhichOneof("task"):
            case "task_spec":
                return request.task_spec
            case "task_id":
                return deployed_spec(self._store, request.task_id)
            case "trigger_name":
                trigger = require_trigger(self._store, request.trigger_name)
                return deployed_spec(self._store, triggered_task(trigger))
        raise invalid("UploadInputs needs a task_spec, a task_id or a trigger_name")


def _line(line: Line) -> LogLine:
    system = _RUNTIME_LINE.match(line.text)
    originator = LogLineOriginator.SYSTEM if system else LogLineOriginator.USER
    message = LogLine(message=line.text, originator=originator)
    if line.at:
        message.timestamp.CopyFrom(timestamp(line.at))
    return message
