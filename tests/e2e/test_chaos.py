"""Nothing lost, nothing half: penstock killed again and again, both servers restarted, under a mixed workload."""

import os
import random
import time

import pytest
from support import chaos


class Trouble:
    """Kills penstock at random moments, and disturbs the servers in between."""

    def __init__(self, pipeline, postgres, mongo, seed):
        self.pipeline, self.postgres, self.mongo = pipeline, postgres, mongo
        self.dice = random.Random(seed)
        self.kills = self.kills_while_loading = self.server_events = 0
        self.runner = pipeline.start()
        self.watcher = None
        self.down = None

    def kill_penstock(self):
        if self.runner.alive():
            self.runner.kill()
            self.kills += 1
            self.kills_while_loading += self.watcher is None
        else:
            self.excuse()
        self.runner = self.pipeline.start()

    def excuse(self):
        """A start while a server is down may end with 3, for whoever supervises it to start it again; nothing else."""
        said = self.runner.text()[-3000:]
        assert self.server_events > 0 and self.runner.wait() == 3, f"it ended by itself:\n{said}"

    def loaded(self):
        states = {t["state"] for t in self.pipeline.database.penstock_tables.find({}, {"state": 1})}
        return states == {"loaded"} and self.pipeline.database.penstock_tables.count_documents({}) == len(chaos.TABLES)

    def watch_when_loaded(self):
        if self.watcher is None and self.loaded():
            self.watcher = chaos.SumWatcher(self.pipeline)

    def wait_until_loaded(self):
        self.pipeline.until(self.loaded, 300, "the first load to end")

    def disturb_servers(self):
        self.server_events += 1
        if self.down is not None:
            self.down.start()
            self.down = None
        event = self.dice.choice(["step down", "kill primary", "restart postgres", "crash postgres"])
        if event == "step down":
            self.mongo.step_down()
        elif event == "kill primary":
            self.down = self.mongo.wait_primary()
            self.down.kill()
        elif event == "restart postgres":
            self.postgres.restart()
        else:
            self.postgres.crash()
            self.postgres.start()

    def calm(self):
        if self.down is not None:
            self.down.start()
        self.mongo.wait_primary()


def survive(own_servers, make_pipeline, kills, server_events, rows, seed):
    postgres, mongo = own_servers.postgres(15), own_servers.mongo(members=3)
    pipeline = chaos.create(make_pipeline(postgres, mongo), rows)
    workload = chaos.Workload(pipeline, seed=seed)
    trouble = Trouble(pipeline, postgres, mongo, seed)
    try:
        while trouble.kills < kills:
            time.sleep(trouble.dice.uniform(0.2, 2.0))
            if trouble.kills == kills // 3:  # from here on with a whole read model to watch
                trouble.wait_until_loaded()
            trouble.watch_when_loaded()
            trouble.kill_penstock()
            if trouble.watcher and trouble.server_events < server_events * trouble.kills / kills:
                trouble.disturb_servers()
        trouble.calm()
        time.sleep(2)
    finally:
        workload.stop()
    if not trouble.runner.alive():
        trouble.excuse()
        trouble.runner = pipeline.start()
    pipeline.wait(seconds=180)
    trouble.watcher.stop()
    pipeline.expect_equal()
    assert trouble.runner.stop() == 0
    print(f"{trouble.kills} kills ({trouble.kills_while_loading} while loading), {trouble.server_events} server events,"
          f" {workload.transactions} transactions, {trouble.watcher.reads} snapshot reads, all whole")
    assert trouble.kills_while_loading > 0 and trouble.watcher.reads > 10 and workload.transactions > 100


@pytest.mark.timeout(600)
def test_nothing_lost_nothing_half_short(own_servers, make_pipeline):
    survive(own_servers, make_pipeline, kills=12, server_events=4, rows=30_000, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_nothing_lost_nothing_half(own_servers, make_pipeline):
    kills = int(os.environ.get("PENSTOCK_SOAK_KILLS", "120"))
    survive(own_servers, make_pipeline, kills=kills, server_events=kills // 5, rows=200_000,
            seed=int(os.environ.get("PENSTOCK_SOAK_SEED", str(random.randrange(10**6)))))
