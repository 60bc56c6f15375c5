"""Which backend the server plays: the present one by default, older or odder ones on request."""

from dataclasses import dataclass


@dataclass(slots=True)
class Quirks:
    """Knobs of a scenario. Those that are not named here are always on, as in the real backend."""

    # Notifications that one watch can have waiting; what comes on top is dropped without a word.
    buffer: int = 100
    # Rows in the one snapshot message of WatchRuns.
    snapshot_rows: int = 101
    # Actions in one message of a WatchActions snapshot.
    actions_page: int = 1000
    # Calls of GetActionData that answer NOT_FOUND after a success, events being late.
    data_lag: int = 0
    # Inputs and outputs from DataProxyService; without it, an older platform.
    dataproxy_data: bool = True
    # Logs from DataProxyService; without it, an older platform.
    dataproxy_logs: bool = True
    # RunService.GetActionData, which the present backend leaves unimplemented.
    run_service_data: bool = False
    # RunLogsService, which the present backend does not mount.
    run_logs_service: bool = False
