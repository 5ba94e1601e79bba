"""What keeping every event costs the stream, and how fast a collection is made anew from them."""

from cases import FILL
from measure import median


def _catch_up(bench, rows, keep):
    pipeline = bench.pipeline()
    pipeline.configure({"orders": "public.orders"}, journal=keep)
    pipeline.penstock("load")
    pipeline.sql(FILL, f"CALL fill({rows})")
    bench.settle()
    return pipeline, bench.penstock(pipeline, "run", "--until-current")


def journal(bench, rows, runs):
    ratios, cpu = [], []
    for number in range(1, runs + 1):
        pipeline, without = _catch_up(bench, rows, False)
        pipeline.close()
        pipeline, kept = _catch_up(bench, rows, True)
        size = pipeline.status()["journal"]["bytes"]
        bench.settle()
        replay = bench.penstock(pipeline, "replay", "orders")
        found = pipeline.database.orders_replay.estimated_document_count()
        assert found == rows, f"{found} documents for {rows} rows"
        pipeline.close()
        ratios.append(kept.seconds / without.seconds)
        cpu.append((kept.cpu - without.cpu) / rows * 1e6)
        bench.report.line(f"catch-up of {rows:,} inserts, run {number}",
                          f"without journal {without.seconds:.2f} s (CPU {without.cpu:.2f} s), with {kept.seconds:.2f} s"
                          f" (CPU {kept.cpu:.2f} s), ratio {ratios[-1]:.2f}; {size / rows:.0f} bytes an event;"
                          f" replay {replay.seconds:.2f} s ({rows / replay.seconds:,.0f} events/s, {replay.peak_kib / 1024:.0f} MB)")
    bench.report.line("catch-up with / without journal, median", f"{median(ratios):.2f}", "≤ 1.15", median(ratios) <= 1.15)
    bench.report.line("CPU of the journal, median", f"{median(cpu):.2f} µs an event")
