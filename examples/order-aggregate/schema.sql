-- The write model: an order, and two kinds of rows that belong to it. Other services write each of them.

CREATE TABLE orders (
    order_id   bigint PRIMARY KEY,
    customer   text NOT NULL,
    placed_at  timestamptz NOT NULL,
    status     text NOT NULL DEFAULT 'placed'
);

CREATE TABLE shipping_details (
    shipping_id bigint PRIMARY KEY,
    order_id    bigint NOT NULL,              -- no foreign key: shipping may come before its order
    recipient   text NOT NULL,
    street      text NOT NULL,
    city        text NOT NULL,
    postal_code text,
    carrier     text,
    shipped_at  timestamptz
);
CREATE INDEX ON shipping_details (order_id);

CREATE TABLE item_details (
    order_id   bigint NOT NULL,
    line       smallint NOT NULL,
    sku        text NOT NULL,
    title      text NOT NULL,
    quantity   integer NOT NULL CHECK (quantity > 0),
    unit_price numeric(10, 2) NOT NULL,
    PRIMARY KEY (order_id, line)
);

INSERT INTO orders VALUES
    (1001, 'Nguyễn Văn An', '2024-03-01 08:15:00+07', 'placed'),
    (1002, 'Trần Thị Bích', '2024-03-01 09:30:00+07', 'placed');
INSERT INTO shipping_details VALUES
    (1, 1001, 'Nguyễn Văn An', '12 Lý Thường Kiệt', 'Hà Nội', '100000', NULL, NULL);
INSERT INTO item_details VALUES
    (1001, 1, 'CAFE-500', 'Cà phê Buôn Ma Thuột 500g', 2, 145000.00),
    (1001, 2, 'FISH-500', 'Nước mắm Phú Quốc 500ml', 1, 98500.00),
    (1002, 1, 'TEA-100', 'Trà sen Tây Hồ 100g', 1, 480000.00);
