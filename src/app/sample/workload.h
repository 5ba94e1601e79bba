// The e-commerce workload of examples/ecommerce, one transaction at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/result.h"
#include "source/postgres/connection.h"

namespace penstock::app {

struct WorkloadCounts {
  std::uint64_t orders = 0;
  std::uint64_t status_changes = 0;
  std::uint64_t price_changes = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t total() const { return orders + status_changes + price_changes + cancelled; }
};

// One thread. The same seed on the same rows gives the same changes.
class Workload {
 public:
  explicit Workload(std::uint64_t seed) : random_(seed) {}

  // kConfiguration when the tables of the example are not there, or no product is.
  Status prepare(postgres::Connection& connection);
  // One transaction: out of 20, about 11 new orders with 1 to 5 details, 5 status changes, 2 price changes
  // and 2 cancelled orders.
  Status step(postgres::Connection& connection);
  const WorkloadCounts& counts() const { return counts_; }

 private:
  Status new_order(postgres::Connection& connection);
  Status change_status(postgres::Connection& connection);
  Status change_price(postgres::Connection& connection);
  Status cancel_order(postgres::Connection& connection);
  // An order near a random one, of a status; nothing when there is none.
  Result<std::optional<std::string>> pick_order(postgres::Connection& connection,
                                                const std::string& condition);
  std::uint64_t pick(std::uint64_t below);
  std::string customer();
  std::string address();
  std::string phone();
  std::string details(std::uint64_t count);

  std::mt19937_64 random_;
  std::vector<std::string> products_;  // keys
  WorkloadCounts counts_;
};

}  // namespace penstock::app
