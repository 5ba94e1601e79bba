-- A product is renamed: every order that shows it changes.
UPDATE products SET name = 'Cà phê Buôn Ma Thuột 500g' WHERE product_id = 1;

-- The draft is paid: its document appears, the customer's latest orders and the sales of its product follow.
UPDATE orders SET status = 'paid' WHERE order_id = 2;

-- A new order with its lines.
BEGIN;
INSERT INTO orders VALUES (4, 1, 'paid', '2024-03-05 21:11:45');
INSERT INTO order_lines VALUES (4, 1, 2, 1, 470000.00, 0), (4, 2, 4, 10, 50000.00, 0.5);
COMMIT;

-- A column that no definition reads: nothing happens.
UPDATE customers SET phone = '0987654321' WHERE customer_id = 2;

-- The category of two products gets another name, and a product gets a category.
BEGIN;
UPDATE categories SET name = 'Coffee and more' WHERE category_id = 1;
UPDATE products SET category_id = 1 WHERE product_id = 4;
COMMIT;

-- Cancelled, with its lines.
DELETE FROM orders WHERE order_id = 3;
