-- The same number in two companies: only the one is paid.
INSERT INTO payments VALUES (3, 'VN', 2024, 1, 687.99, '2024-02-10');

-- A payment that comes before its invoice.
INSERT INTO payments VALUES (4, 'VN', 2024, 3, 10.85, '2024-02-11');

-- An invoice that cancels another: both documents say so.
BEGIN;
INSERT INTO invoices VALUES ('VN', 2024, 3, '2024-02-12', 0, 'Bình', 2024, 2);
INSERT INTO invoice_lines VALUES (3, 2024, 'VN', 1, 'Credit for valve', -10.05);
COMMIT;

-- One part of the key changes, and with it the keys of the lines (ON UPDATE CASCADE): another document.
UPDATE invoices SET year = 2023 WHERE company = 'DE' AND year = 2024 AND number = 1;

-- The payment is booked to the new number, too: it moves between two invoices and two groups.
UPDATE payments SET year = 2023 WHERE payment_id = 2;

-- Another rate: each invoice of the company is computed anew.
UPDATE companies SET vat = 0.10 WHERE company = 'VN';

-- A line changes its text only.
UPDATE invoice_lines SET text = 'Pipe, 2 m' WHERE company = 'VN' AND year = 2024 AND number = 1 AND line = 2;
