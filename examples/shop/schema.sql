CREATE TABLE categories (category_id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE products (
    product_id  integer PRIMARY KEY,
    category_id integer REFERENCES categories,
    name        text NOT NULL,
    description text,
    price       numeric(10, 2) NOT NULL
);
CREATE TABLE customers (customer_id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL, phone text);
CREATE TABLE orders (
    order_id    integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    status      text NOT NULL,
    placed_at   timestamp NOT NULL
);
CREATE TABLE order_lines (
    order_id   integer NOT NULL REFERENCES orders ON DELETE CASCADE,
    line       integer NOT NULL,
    product_id integer NOT NULL REFERENCES products,
    quantity   integer NOT NULL,
    unit_price numeric(10, 2) NOT NULL,
    discount   numeric(3, 2) NOT NULL DEFAULT 0,
    PRIMARY KEY (order_id, line)
);
CREATE INDEX ON order_lines (product_id);

INSERT INTO categories VALUES (1, 'Coffee'), (2, 'Tea'), (3, 'Gifts');
INSERT INTO products VALUES
    (1, 1, 'Cà phê 500g', 'Dark roast', 145000.00), (2, 2, 'Trà sen 100g', NULL, 480000.00),
    (3, 3, 'Nón lá', 'Hand made', 120000.50), (4, NULL, 'Voucher', NULL, 50000.00);
INSERT INTO customers VALUES
    (1, 'nguyễn văn an', 'An@Example.com', '0912345678'), (2, 'trần thị bích', 'bich@example.com', NULL);
INSERT INTO orders VALUES
    (1, 1, 'paid', '2024-03-01 08:15:00'), (2, 2, 'draft', '2024-03-02 10:42:31.5'), (3, 1, 'shipped', '2024-02-20 19:00:00');
INSERT INTO order_lines VALUES
    (1, 1, 1, 2, 145000.00, 0), (1, 2, 3, 1, 120000.50, 0.10), (2, 1, 2, 1, 480000.00, 0), (3, 1, 1, 1, 140000.00, 0.05);
