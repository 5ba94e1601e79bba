// The commands other than load and run. Results go to stdout. A Status that failed becomes a line on stderr
// and the exit code of its kind; each returns kCheckFailed where its question is answered with no.
#pragma once

#include <stop_token>

#include "app/commands/options.h"
#include "app/settings.h"
#include "base/result.h"

namespace penstock::app {

Status init_command(const InitOptions& options);
Status setup_command(const Settings& settings, const SetupOptions& options);
Status check_command(const Settings& settings, const CheckOptions& options);
Status plan_command(const Settings& settings);
Status preview_command(const Settings& settings, const PreviewOptions& options);
Status status_command(const Settings& settings, const StatusOptions& options);
Status wait_command(const Settings& settings, const WaitOptions& options, std::stop_token stop);
Status sample_command(const Settings& settings, const SampleOptions& options, std::stop_token stop);
Status teardown_command(const Settings& settings, const TeardownOptions& options);
Status resync_command(const Settings& settings, const ResyncOptions& options);
Status rebuild_command(const Settings& settings, const RebuildOptions& options);
Status verify_command(const Settings& settings, const VerifyOptions& options, std::stop_token stop);
Status dead_letters_command(const Settings& settings, const DeadLetterOptions& options, std::stop_token stop);
// A collection, or one document of it, made anew from the kept events.
Status replay_command(const Settings& settings, const ReplayOptions& options, std::stop_token stop);
// PostgreSQL to Kafka, until a stop or its purpose. Drains.
Status capture_command(const CaptureOptions& options, std::stop_token stop);
// Kafka to MongoDB, until a stop or its purpose. Drains.
Status apply_command(const Settings& settings, const ApplyOptions& options, std::stop_token stop);
Status schema_command(const SchemaOptions& options);

}  // namespace penstock::app
