"""What goes wrong, in the words and with the stacks of running nodes (agent/docs/storagenode.md §1.7, §2.2, §10)."""

from __future__ import annotations

_RPC = (
    "storj.io/common/pb.DRPCPiecestoreDescription.Method.func{method}",
    "storj.io/drpc/drpcmux.(*Mux).HandleRPC:33",
    "storj.io/common/rpc/rpctracing.(*Handler).HandleRPC:62",
    "storj.io/common/experiment.(*Handler).HandleRPC:43",
    "storj.io/drpc/drpcserver.(*Server).handleRPC:166",
    "storj.io/drpc/drpcserver.(*Server).ServeOne:108",
    "storj.io/drpc/drpcserver.(*Server).Serve.func2:156",
    "storj.io/drpc/drpcctx.(*Tracker).track:35",
)
_UPLOAD = tuple(frame.format(method="1:294") for frame in _RPC)
_DOWNLOAD = tuple(frame.format(method="2:302") for frame in _RPC)
_DIAL = ("storj.io/common/rpc.HybridConnector.DialContext.func1:190",)
_MONITOR = (
    "storj.io/storj/storagenode/monitor.(*Service).Run.func1.1:128",
    "storj.io/common/sync2.(*Cycle).Run:163",
    "storj.io/storj/storagenode/monitor.(*Service).Run.func1:109",
    "golang.org/x/sync/errgroup.(*Group).Go.func1:93",
)
_LOG_UNREADABLE = (
    "hashstore: read /app/config/storage/hashstore/{sat}/s1/2f/log-000000000000002f-00000000: input/output error"
)
_NO_NAME = (
    "{what}: rpc: tcp connector failed: rpc: dial tcp: lookup {host} on 127.0.0.11:53: "
    "read udp 127.0.0.1:41517->127.0.0.11:53: i/o timeout"
)
_NO_VERIFICATION = (
    "piecestore monitor: error verifying location and/or readability of storage directory: "
    "open /app/config/storage/storage-dir-verification: no such file or directory"
)
_PEER = "127.0.0.1:28967->{peer}"

TEXTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "upload_pipe": (f"write tcp {_PEER}: write: broken pipe", (
        "storj.io/drpc/drpcstream.(*Stream).sendPacketLocked:336",
        "storj.io/drpc/drpcstream.(*Stream).CloseSend:618",
        "storj.io/common/pb.(*drpcPiecestore_UploadStream).SendAndClose:386",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).Upload.func6.2:492",
        "storj.io/storj/storagenode/piecestore.withTimeout[...]:1187",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).Upload.func6:488",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).Upload:515",
        *_UPLOAD,
    )),
    "download_pipe": (f"write tcp {_PEER}: write: broken pipe", (
        "storj.io/drpc/drpcstream.(*Stream).rawFlushLocked:428",
        "storj.io/drpc/drpcstream.(*Stream).MsgSend:489",
        "storj.io/common/pb.(*drpcPiecestore_DownloadStream).Send:416",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).sendData.func1:917",
        "storj.io/storj/storagenode/piecestore.withTimeout[...]:1187",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).sendData:915",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).Download.func7:810",
        "golang.org/x/sync/errgroup.(*Group).Go.func1:93",
    )),
    "lost": ("hashstore: file does not exist", (
        "storj.io/storj/storagenode/hashstore.(*DB).Read:443",
        "storj.io/storj/storagenode/piecestore.(*HashStoreBackend).Reader:339",
        "storj.io/storj/storagenode/piecestore.(*MigratingBackend).Reader:197",
        "storj.io/storj/storagenode/piecestore.(*TestingBackend).Reader:105",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).Download:728",
        *_DOWNLOAD,
    )),
    "lost_blob": ("pieces error: filestore error: file does not exist", (
        "storj.io/storj/storagenode/blobstore/filestore.(*blobStore).Open:110",
        "storj.io/storj/storagenode/pieces.(*Store).Reader:307",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).Download:676",
        *_DOWNLOAD,
    )),
    "unreadable": (_LOG_UNREADABLE, (
        "storj.io/storj/storagenode/hashstore.(*Reader).Read:71",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).sendData:881",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).Download.func7:810",
        "golang.org/x/sync/errgroup.(*Group).Go.func1:93",
    )),
    "unreadable_blob": ("pieces error: read /app/config/storage/blobs/{sat}/3q/gq.sj1: input/output error", (
        "storj.io/storj/storagenode/pieces.(*Reader).ReadAt:331",
        "storj.io/storj/storagenode/piecestore.(*Endpoint).sendData:873",
        "golang.org/x/sync/errgroup.(*Group).Go.func1:93",
    )),
    "undeletable": ("pieces error: filestore error: file does not exist", (
        "storj.io/storj/storagenode/blobstore/filestore.(*blobStore).Stat:129",
        "storj.io/storj/storagenode/pieces.(*Store).DeleteExpired:370",
        "storj.io/storj/storagenode/collector.(*Service).Collect:112",
    )),
    "unreachable": (_NO_NAME, _DIAL),
    "rate_limited": ("ping satellite: check-in ratelimit: node rate limited by id", (
        "storj.io/storj/storagenode/contact.(*Service).pingSatelliteOnce:209",
        "storj.io/storj/storagenode/contact.(*Service).pingSatellite:157",
    )),
    "settlement": ("order: failed to start settlement: rpc: tcp connector failed: rpc: context deadline exceeded", (
        "storj.io/storj/storagenode/orders.(*Service).settleWindow:290",
        "storj.io/storj/storagenode/orders.(*Service).SendOrders.func1:208",
        "golang.org/x/sync/errgroup.(*Group).Go.func1:93",
    )),
    "bandwidth_locked": ("bandwidthdb: database is locked", (
        "storj.io/storj/storagenode/storagenodedb.(*BandwidthDB).AddBatch.func1:333",
        "storj.io/storj/shared/dbutil/sqliteutil.WithTx:28",
        "storj.io/storj/storagenode/bandwidth.(*Cache).Persist:113",
    )),
    "space_locked": ("piece space used: database is locked", (
        "storj.io/storj/storagenode/storagenodedb.(*pieceSpaceUsedDB).UpdatePieceTotalsForSatellite:188",
        "storj.io/storj/storagenode/pieces.(*CacheService).PersistCacheTotals:144",
    )),
    "usage_locked": ("database is locked", ()),
    "monitor_timeout": ("piecestore monitor: timed out after 1m0s while verifying readability of storage directory",
                        _MONITOR),
    "verification": (_NO_VERIFICATION, _MONITOR),
    "malformed": ("Error migrating tables for database on storagenode: migrate: v57: database disk image is malformed",
                  ("storj.io/storj/private/migrate.(*Migration).Run:216",
                   "storj.io/storj/storagenode/storagenodedb.(*DB).MigrateToLatest:393", "main.cmdRun:102")),
}  # fmt: skip


def error(name: str, **values: str) -> tuple[str, str]:
    """The fields `error` and `errorVerbose` of `TEXTS[name]`."""
    text, stack = TEXTS[name]
    text = text.format(**values)
    return text, "\n\t".join((text, *stack))
