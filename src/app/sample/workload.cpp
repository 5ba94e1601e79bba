#include "app/sample/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace penstock::app {
namespace {

constexpr std::array kFamilyNames{"Nguyễn", "Trần", "Lê",   "Phạm", "Hoàng", "Huỳnh",
                                  "Phan",   "Vũ",   "Đặng", "Bùi",  "Đỗ",    "Ngô"};
constexpr std::array kMiddleNames{"Văn", "Thị", "Đức", "Ngọc", "Minh", "Thùy", "Quốc", "Thanh"};
constexpr std::array kGivenNames{"An",   "Bích", "Chi",  "Dũng", "Giang", "Hạnh", "Khánh", "Linh", "Mỹ",
                                 "Ngân", "Phúc", "Quân", "Sơn",  "Thảo",  "Uyên", "Vy",    "Ý"};
constexpr std::array kStreets{
    "Lý Thường Kiệt", "Nguyễn Huệ",          "Trần Phú",    "Lê Lợi", "Hai Bà Trưng",
    "Điện Biên Phủ",  "Cách Mạng Tháng Tám", "Phạm Ngũ Lão"};
constexpr std::array kCities{"Hà Nội", "TP. Hồ Chí Minh", "Đà Nẵng", "Huế", "Cần Thơ", "Hải Phòng", "Đà Lạt"};
constexpr std::array kDiscounts{"0", "0", "0", "0.05", "0.1", "0.15"};

}  // namespace

std::uint64_t Workload::pick(std::uint64_t below) { return random_() % below; }

std::string Workload::customer() {
  return fmt::format("{} {} {}", kFamilyNames[pick(kFamilyNames.size())],
                     kMiddleNames[pick(kMiddleNames.size())], kGivenNames[pick(kGivenNames.size())]);
}

std::string Workload::address() {
  return fmt::format("{} {}, {}", 1 + pick(300), kStreets[pick(kStreets.size())],
                     kCities[pick(kCities.size())]);
}

std::string Workload::phone() { return fmt::format("09{:08}", pick(100000000)); }

Status Workload::prepare(postgres::Connection& connection) {
  auto rows = connection.query("SELECT product_id FROM public.products ORDER BY product_id LIMIT 1000");
  const bool tables = rows && connection.query("SELECT 1 FROM public.orders, public.order_details LIMIT 0");
  if (!rows && rows.error().kind == ErrorKind::kPostgresUnavailable) return fail(rows.error());
  if (!tables || rows->size() == 0)
    return fail(ErrorKind::kConfiguration,
                rows ? "there is no product to order, or no table to put orders in" : rows.error().message,
                "penstock setup PIPELINE --admin URL --sql examples/ecommerce/schema.sql makes the tables; "
                "the role of "
                "--postgres URL must be allowed to write to them");
  products_.clear();
  for (std::size_t i = 0; i < rows->size(); ++i) products_.push_back(rows->string(i, 0));
  return {};
}

Status Workload::step(postgres::Connection& connection) {
  const std::uint64_t dice = pick(20);
  if (dice < 11) return new_order(connection);
  if (dice < 16) return change_status(connection);
  if (dice < 18) return change_price(connection);
  return cancel_order(connection);
}

// (position, product, quantity, discount) of an order's lines, each of another product.
std::string Workload::details(std::uint64_t count) {
  const std::uint64_t first = pick(products_.size());
  std::string values;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, products_.size()); ++i)
    values += fmt::format("{}({}, {}, {}, {})", values.empty() ? "" : ", ", i,
                          products_[(first + i) % products_.size()], 1 + pick(4),
                          kDiscounts[pick(kDiscounts.size())]);
  return values;
}

Status Workload::new_order(postgres::Connection& connection) {
  const std::string lines = details(1 + pick(5));
  // One statement at a time inside BEGIN, as an application would: the transaction holds several row
  // messages.
  PENSTOCK_TRY(connection.execute("BEGIN"));
  auto order = connection.query(
      "INSERT INTO public.orders (customer_name, address, phone) VALUES ($1, $2, $3) RETURNING order_id",
      {customer(), address(), phone()});
  if (!order) return fail(order.error());
  PENSTOCK_TRY(connection.execute(
      fmt::format("INSERT INTO public.order_details (order_id, product_id, unit_price, quantity, discount) "
                  "SELECT {}, p.product_id, p.price::real, l.quantity, l.discount FROM (VALUES {}) l(n, "
                  "product_id, quantity, discount) "
                  "JOIN public.products p USING (product_id) ORDER BY l.n",
                  order->text(0, 0), lines)));
  PENSTOCK_TRY(connection.execute("COMMIT"));
  ++counts_.orders;
  return {};
}

Result<std::optional<std::string>> Workload::pick_order(postgres::Connection& connection,
                                                        const std::string& condition) {
  PENSTOCK_ASSIGN(
      const postgres::Rows range,
      connection.query("SELECT coalesce(min(order_id), 0), coalesce(max(order_id), 0) FROM public.orders"));
  const std::uint64_t first = range.number(0, 0);
  const std::uint64_t start = first + pick(range.number(0, 1) - first + 1);
  PENSTOCK_ASSIGN(const postgres::Rows rows,
                  connection.query("SELECT order_id FROM public.orders WHERE " + condition +
                                       " ORDER BY order_id < $1::int, order_id LIMIT 1",
                                   {std::to_string(start)}));
  return rows.size() == 0 ? std::optional<std::string>() : std::optional<std::string>(rows.string(0, 0));
}

Status Workload::change_status(postgres::Connection& connection) {
  PENSTOCK_ASSIGN(const auto order, pick_order(connection, "status IN ('pending', 'processing', 'shipped')"));
  if (!order) return new_order(connection);
  PENSTOCK_TRY(
      connection.query("UPDATE public.orders SET status = CASE status WHEN 'pending' THEN 'processing' "
                       "WHEN 'processing' THEN 'shipped' ELSE 'delivered' END WHERE order_id = $1::int",
                       {order}));
  ++counts_.status_changes;
  return {};
}

Status Workload::change_price(postgres::Connection& connection) {
  const std::string product = products_[pick(products_.size())];
  // Between 10 % down and 10 % up, never to nothing.
  const std::string factor = fmt::format("{:.2f}", 0.9 + 0.01 * static_cast<double>(pick(21)));
  PENSTOCK_TRY(
      connection.query("UPDATE public.products SET price = greatest(1000, round(price * $2::numeric, 2)), "
                       "stock_quantity = greatest(0, coalesce(stock_quantity, 0) + $3::int) "
                       "WHERE product_id = $1::int",
                       {product, factor, std::to_string(static_cast<int>(pick(41)) - 20)}));
  ++counts_.price_changes;
  return {};
}

Status Workload::cancel_order(postgres::Connection& connection) {
  PENSTOCK_ASSIGN(const auto order, pick_order(connection, "status IN ('pending', 'cancelled')"));
  if (!order) return new_order(connection);
  PENSTOCK_TRY(
      connection.query("DELETE FROM public.orders WHERE order_id = $1::int", {order}));  // and its details
  ++counts_.cancelled;
  return {};
}

}  // namespace penstock::app
