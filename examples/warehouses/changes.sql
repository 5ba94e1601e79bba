-- The transfer arrives: three tables, one transaction, one moment for all readers.
BEGIN;
UPDATE stock SET quantity = quantity - 2 WHERE warehouse = 'HAN' AND sku = 'valve';
INSERT INTO stock VALUES ('SGN', 'valve', 2, 0);
DELETE FROM transfers WHERE transfer_id = 1;
COMMIT;

-- A reservation, a sale, and the last pump.
UPDATE stock SET reserved = reserved + 10 WHERE warehouse = 'HAN' AND sku = 'pipe.2m';
UPDATE stock SET quantity = quantity - 7, reserved = 0 WHERE warehouse = 'SGN' AND sku = 'pipe.2m';
DELETE FROM stock WHERE warehouse = 'SGN' AND sku = 'pump';

-- New transfers, one of them to where it came from.
INSERT INTO transfers VALUES (2, 'HAN', 'DAD', 'pipe.2m', 20), (3, 'DAD', 'DAD', 'pump', 1);

-- The code of a warehouse changes, and with it the keys of its stock and both ends of its transfers.
UPDATE warehouses SET code = 'HUI' WHERE code = 'DAD';
UPDATE warehouses SET code = 'HNI' WHERE code = 'HAN';

-- A rename that stands in items and in groups.
UPDATE warehouses SET city = 'TP. Hồ Chí Minh' WHERE code = 'SGN';
