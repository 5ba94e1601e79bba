-- Shipping of an order that is not there yet: nothing is shown, and nothing is lost.
INSERT INTO shipping_details VALUES
    (2, 1003, 'Lê Hoàng Phúc', '7 Trần Phú', 'Đà Nẵng', NULL, 'express', NULL);

-- The order follows, with an item in the same transaction: one new document, whole from the beginning.
BEGIN;
INSERT INTO orders VALUES (1003, 'Lê Hoàng Phúc', '2024-03-02 14:05:09+07');
INSERT INTO item_details VALUES (1003, 1, 'HAT-1', 'Nón lá Huế', 3, 120000.50);
COMMIT;

-- One more item, another quantity: the total follows.
BEGIN;
INSERT INTO item_details VALUES (1001, 3, 'TEA-100', 'Trà sen Tây Hồ 100g', 1, 480000.00);
UPDATE item_details SET quantity = 4 WHERE order_id = 1001 AND line = 2;
COMMIT;

-- Shipped: one transaction over two tables, one document that changes once.
BEGIN;
UPDATE orders SET status = 'shipped' WHERE order_id = 1001;
UPDATE shipping_details SET carrier = 'post', shipped_at = '2024-03-03 10:00:00+07' WHERE order_id = 1001;
COMMIT;

-- An item moves to another order: both documents change in the same transaction.
UPDATE item_details SET order_id = 1002, line = 2 WHERE order_id = 1001 AND line = 3;

-- A cancelled order goes, and its rows a moment later.
DELETE FROM orders WHERE order_id = 1003;
DELETE FROM item_details WHERE order_id = 1003;
