"""Small documents with enough substance for the simulated challenger."""

from __future__ import annotations

from pathlib import Path

_TEXTS = {
    "leases.md": """# Lease reads

A leader serves reads without a quorum round while its lease is unexpired. The lease must be shorter than the
election timeout by the drift between clocks, because a follower measures the timeout on its own clock. When
drift exceeds the bound, two leaders can serve reads at once and a client observes a stale value.

Absolute clock offset does not matter, since every node measures only intervals. Counting the lease from the
moment the heartbeat was sent keeps the interval safe, because the acknowledgement may arrive late. A paused
process can still answer after its lease ended, so the check must follow the read of the value, not precede it.

Shorter leases lose availability during a leader change, but longer leases delay the next leader by the same
amount. The optimal length therefore depends on the ratio between read rate and failure rate.
""",
    "wal.md": """# Torn pages

A write-ahead log protects a page only if the log record reaches the disk before the page does. A disk writes
sectors atomically but not pages, so a crash can leave a page half old and half new. Checksums detect such a
page but cannot repair it, because the log record describes a change relative to a consistent page.

Full-page images in the log repair torn pages at the cost of write amplification after each checkpoint. Spacing
checkpoints further apart reduces the amplification but lengthens recovery in proportion. A double-write buffer
moves the cost to sequential writes, which helps spinning disks and hardly helps flash.

Group commit trades latency for throughput: one flush serves many transactions, yet a lone transaction waits in
vain.
""",
    "filters.txt": """\
Cuckoo filters store fingerprints in one of two buckets that are computed from each other by an exclusive or.
Deletion is safe only for items that were inserted, because two items may share a fingerprint and a bucket.
Deleting an absent item removes the fingerprint of a present one and creates a false negative, which a Bloom
filter never has.

Load factors above ninety-five percent make insertions fail, since the eviction chain grows without bound.
Larger buckets raise the attainable load but also raise the false positive rate, because each lookup compares
more fingerprints. A longer fingerprint lowers the false positive rate exponentially while it costs space only
linearly.
""",
}


def write_documents(folder: Path, count: int = 3) -> Path:
    """Write `count` of the documents into `folder`; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in list(_TEXTS.items())[:count]:
        (folder / name).write_text(text, encoding="utf-8")
    return folder
