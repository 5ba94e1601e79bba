/* clang-format off */
/* libpenstock: Penstock's core for other engines (docs/spark.md), as a C library.
 *
 * What `penstock apply` does with Kafka's records of a topic partition and what a first load does with a table's
 * rows, for callers that bring these themselves: a Spark executor brings the records of one task. The documents
 * and their types, expressions, dead letters and retries are the same code.
 *
 * Threads: every call may be made from any thread, calls on one pipeline at the same time too, also for the same
 * partition: whoever loses there goes on from what the other one wrote. penstock_close() comes after all others.
 * Memory: what a call hands out (a text, an error, a pipeline) is the caller's until it is given to the call that
 * ends it; what a call is given it copies or forgets before it returns.
 * Errors: a call returns 0, or another number and, in `*error` (unless `error` is null), what happened and what to
 * do about it. No exception and no C++ type crosses this border; nothing ends the process.
 * Texts: UTF-8, ending with a zero byte; JSON where it says so. Numbers in buffers are little-endian and not
 * aligned. Times are milliseconds since 1970 UTC.
 * Logs go to stderr.
 */
#pragma once

#include <stddef.h>  // NOLINT(modernize-deprecated-headers): a C header
#include <stdint.h>  // NOLINT(modernize-deprecated-headers): a C header

#ifdef __cplusplus
extern "C" {
#endif

#define PENSTOCK_API __attribute__((visibility("default")))

/* Rises when a caller of before would be misled: ask for it first. */
#define PENSTOCK_ABI_VERSION 1
PENSTOCK_API int32_t penstock_abi_version(void);
PENSTOCK_API const char* penstock_version(void); /* "0.1.0"; of the library, not to be freed */

/* "debug", "info" (the default), "warn", "error". Of the whole process. 0, or 1 for another name. */
PENSTOCK_API int32_t penstock_log_level(const char* level);

/* ---- Errors ---- */

typedef struct penstock_error penstock_error; /* NOLINT(modernize-use-using) */

/* As `penstock status --json` names them: "configuration", "mongo_unavailable", "bad_value", "divergence", … */
PENSTOCK_API const char* penstock_error_kind(const penstock_error* error);
PENSTOCK_API const char* penstock_error_message(const penstock_error* error);
PENSTOCK_API const char* penstock_error_remedy(const penstock_error* error); /* may be empty */
/* Whether the same call may succeed later, with nothing done about it. */
PENSTOCK_API int32_t penstock_error_passes(const penstock_error* error);
PENSTOCK_API void penstock_error_free(penstock_error* error); /* null: nothing */

PENSTOCK_API void penstock_text_free(char* text); /* null: nothing */

/* ---- A pipeline ---- */

typedef struct penstock_pipeline penstock_pipeline; /* NOLINT(modernize-use-using) */

/* Reads a pipeline file's text (`size` bytes); connects to nothing yet. `options`, JSON, may be null or "{}":
 *   "file": "shop.yaml"         how messages name it; a connector file is looked for beside it
 *   "connector": "{…}"          the text of the connector file, where there is no such file here
 *   "environment": {"NAME": "value"}   instead of the process's for ${NAME} in the file
 *   "brokers": "host:9092"      instead of the file's
 *   "kafka": {"name": "value"}  librdkafka's settings beside the file's
 *   "collections": ["products"] these alone. Without it all; either way one with an `id` of its own is refused by
 *                               name
 *   "skip_truncates": false     true: a TRUNCATE of a topic with several partitions is left out
 *   "accept_gap": false         true: topics whose oldest records are gone are taken as they are
 *   "clear": false              true: penstock_begin_load() empties the collections and forgets what was applied
 *   "take_over": false          true: partitions that workers of `penstock apply` had are taken from them
 *   "stream_generation", "kept_generation"   as penstock_begin_stream() and penstock_begin_load() answered elsewhere;
 *                               without them those in force
 *   "outage_seconds": 0         so long a server that is away is waited for; 0: for ever
 * "configuration": what is wrong, with its line. */
PENSTOCK_API int32_t penstock_open(const char* yaml, size_t size, const char* options, penstock_pipeline** pipeline,
                                   penstock_error** error);
PENSTOCK_API void penstock_close(penstock_pipeline* pipeline); /* null: nothing */

/* What the pipeline reads and writes, without a server, as JSON:
 *   {"pipeline": "shop", "database": "shop", "errors": "stop"|"dead_letter",
 *    "brokers": "…", "kafka": {…}, "prefix": "shop", "publication": "…", "slot": "…",
 *    "conninfo": "postgresql://…",   as libpq takes it
 *    "postgres": {"host", "port", "user", "password", "database"},
 *    "collections": [{"name": "orders", "table": "public.orders", "kind": "plain"|"read model", "chosen": true,
 *                      "tables": ["public.orders"] (all that it is made of)}],
 *    "ship": {"yaml": "…", "options": {…}}}
 * `ship`: what penstock_open() on another machine is to be given, variables and connector file included. It holds
 * passwords. */
PENSTOCK_API int32_t penstock_describe(penstock_pipeline* pipeline, char** json, penstock_error** error);

/* ---- Records of topics ---- */

/* Once, before the records of a stream are applied: sees whether it may begin, makes the collections and their indexes, sees whether the topics
 * go on from what was applied (a topic that was made anew, records gone by retention, another cluster, workers that
 * apply the same pipeline, a first load that has not ended: "divergence", "gap", "configuration"; nothing is emptied then), and
 * answers where to read from, as JSON:
 *   {"topics": ["shop.public.orders"],   all that carry the tables, also those that are not there yet
 *    "missing": ["…"],
 *    "starts": {"shop.public.orders": {"0": 17, "1": 0}},   the first offset of each partition to be applied
 *    "applied": true,                    whether something was applied before
 *    "models": false,                    whether there are read models, whose marks are to be settled
 *    "options": {"stream_generation": "…", "kept_generation": "…"}}   to be put to those of `ship`: who was opened with
 *                                        them writes nothing once the pipeline was begun anew by somebody else
 * A collection that is defined otherwise than when its partitions were applied is read from the beginning. */
PENSTOCK_API int32_t penstock_begin_stream(penstock_pipeline* pipeline, char** json, penstock_error** error);

typedef struct penstock_counts { /* NOLINT(modernize-use-using,readability-identifier-naming) */
  uint64_t records;      /* or rows, that the buffer held */
  uint64_t applied;      /* of these: changes that were made durable by this call */
  uint64_t again;        /* of these: applied before, by whomever, and left out; delivered again by a connector */
  uint64_t ignored;      /* of these: tombstones, heartbeats and the like */
  uint64_t dead_letters; /* parked, as `errors: dead_letter` says */
  uint64_t transactions; /* of MongoDB, that were committed */
  uint64_t lost;         /* tries that were lost to another writer of the same partition */
  uint64_t reread;       /* rows that were read from PostgreSQL because their events left values out */
  int64_t next;          /* the partition's place now: the offset of the first record that is not applied */
  int64_t last_commit_micros; /* microseconds since 1970: newest commit in PostgreSQL among the applied; 0: none */
} penstock_counts;

/* Records of one topic partition, in the order of their offsets, to documents: none that comes after the partition's
 * place may be missing before or between them, since what is below the place later counts as applied. When it returns 0 every record of the
 * buffer is applied, or was before: exactly once, whoever else was given the same records, at whatever time. The
 * partition's place in MongoDB is compared and set in the transactions of the documents; records below it are left
 * out. A server that is away is waited for (outage_seconds). On an error what came before it may be applied; the same
 * records again go on from there. `counts` may be null.
 * Errors beside those of servers: "bad_value", "rejected_document" (with `errors: stop`), "divergence" (records that
 * are others than those applied), "fenced" (workers of `penstock apply` have taken the partition over).
 *
 * The buffer, PSR1:
 *   4 bytes "PSR1", uint32 number of records; then of each:
 *   int64 offset, int64 timestamp in ms (-1: none), int32 bytes of the key (-1: null), int32 bytes of the value
 *   (-1: null), int32 number of headers, key, value, and of each header:
 *   int32 bytes of the name, int32 bytes of the value (-1: null), name, value */
PENSTOCK_API int32_t penstock_apply(penstock_pipeline* pipeline, const char* topic, int32_t partition,
                                    const void* records, size_t size, penstock_counts* counts,
                                    penstock_error** error);

/* The same, of records as Apache Arrow's record batches hold them, by its C data interface
 * (https://arrow.apache.org/docs/format/CDataInterface.html); all of one topic partition. The columns, by their places:
 *   topic utf8, partition int32, offset int64, timestamp in ms int64, key binary, value binary,
 *   headers list<struct<name utf8, value binary>>
 * of which key, value, headers and a header's value may be null. Nothing is copied nor released: the batches are the
 * caller's, as they were. */
struct ArrowSchema;
struct ArrowArray;
PENSTOCK_API int32_t penstock_apply_arrow(penstock_pipeline* pipeline, const struct ArrowSchema* const* schemas,
                                          const struct ArrowArray* const* arrays, size_t batches,
                                          penstock_counts* counts, penstock_error** error);

/* ---- Documents of read models ---- */

/* Read models (embeds, expressions, filters, summaries) are made in two steps (docs/adr/0004-shared-state.md):
 * penstock_apply() keeps the rows and marks the documents that show them, penstock_settle() makes the marked ones.
 * Marks lie in lanes. After a batch of records, or a load: ask for the lanes, settle each of them, at the same time
 * or one after the other, and ask again until there is none: settling may mark others.
 *   {"lanes": ["b17", "s product_sales"]}
 * None: what was applied before the call is in the documents, which `penstock wait` and `verify` are told. */
PENSTOCK_API int32_t penstock_pending(penstock_pipeline* pipeline, char** json, penstock_error** error);

/* Makes the documents that the lane's marks ask for, until it has none. Who is given the same lane at the same time
 * goes on from what the other one wrote. `counts`, may be null: `records` are marks, `applied` documents. Errors as
 * of penstock_apply(). */
PENSTOCK_API int32_t penstock_settle(penstock_pipeline* pipeline, const char* lane, penstock_counts* counts,
                                     penstock_error** error);

/* ---- Rows of a first load ---- */

/* Once, before rows are loaded: makes the collections and their indexes ("configuration", and nothing is made or
 * emptied, where the publication does not carry a table), and answers how to read the tables, as JSON:
 *   {"load": "b1946ac9…",                names this load in the calls that follow
 *    "options": {"kept_generation": "…"}, to be put to those of `ship`
 *    "session": "SET DateStyle = …; …",  for each session that reads rows, before the first
 *    "tables": [{"table": "public.orders", "from": "ONLY \"public\".\"orders\"", "where": "…" (the publication's row filter, may be empty),
 *                "columns": [{"name": "id", "type": "bigint", "select": "\"id\"::text"}],
 *                "key": ["id"], "range": {"column": "id", "select": "\"id\""} or null (where no column of the key
 *                orders as a number), "estimated_rows": 1000000}]}
 * Rows are given to penstock_load() with the columns as `columns` selects them, in this order. */
PENSTOCK_API int32_t penstock_begin_load(penstock_pipeline* pipeline, char** json, penstock_error** error);

/* Rows of one table, in any order, any part of them any number of times: each becomes the document of its key. When
 * it returns 0 all of them are durable. "fenced": the load was ended.
 *
 * The buffer, PSW1:
 *   4 bytes "PSW1", uint32 number of rows, uint32 number of columns; then of each row and column:
 *   int32 bytes of the value as PostgreSQL prints it (-1: NULL), value */
PENSTOCK_API int32_t penstock_load(penstock_pipeline* pipeline, const char* load, const char* table, const void* rows,
                                   size_t size, penstock_counts* counts, penstock_error** error);

/* Once all rows are loaded, before the load is ended: marks all documents of read models, for penstock_settle(). */
PENSTOCK_API int32_t penstock_build(penstock_pipeline* pipeline, const char* load, penstock_error** error);

/* From now on nobody writes rows of this load, however late he comes: only then may a stream begin. */
PENSTOCK_API int32_t penstock_end_load(penstock_pipeline* pipeline, const char* load, penstock_error** error);

#ifdef __cplusplus
}
#endif
