from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.servers import ServerUse, list_server_uses
from autodata.journal import JournalWriter, read_records
from tests.support.journals import write_run


def test_calls_are_counted_by_the_server_that_took_them(tmp_path):
    home = Home(tmp_path / "data")
    write_run(home, "cs-1", 1, plans=[("accepted",)])
    path = home.journal("cs-1")
    call = next(record.data for record in read_records(path) if record.kind == "call" and not record.data["error"])
    failed = {"response": None, "error": {"kind": "connection", "status": None, "message": "gone"}}
    with JournalWriter(path) as journal:
        for server, changes, seconds in (("a:1", {}, 2.0), ("a:1", {}, 4.0), ("b:1", failed, 9.0)):
            times = {"t_start": 100.0, "t_end": 100.0 + seconds}
            journal.append("call", {**call, **times, **changes, "server": server})
    with open_index(home) as index:
        ingest_home(index, home)
        assert list_server_uses(index, "cs-1") == (
            ServerUse("a:1", 2, 0, 2, 0, 3.0),
            ServerUse("b:1", 1, 1, 1, 1, None),
        )
