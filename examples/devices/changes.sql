-- New readings, and one that comes late: it is counted, and does not become the latest.
INSERT INTO readings VALUES
    ('d-1', '2024-03-01 00:15:00Z', 30.5, 87), ('d-2', '2024-03-01 00:15:00Z', 22.0, 14);
INSERT INTO readings VALUES ('d-1', '2024-03-01 00:12:00Z', 45.0, 88);

-- A device that nobody has registered: it has a latest reading, and belongs to no site yet.
INSERT INTO readings VALUES ('d-9', '2024-03-01 00:15:00Z', 19.0, 100);
INSERT INTO devices VALUES ('d-9', 'Cần Thơ', 'T200', 18);

-- The late reading was wrong: the one before it is the warmest again.
DELETE FROM readings WHERE device_id = 'd-1' AND at = '2024-03-01 00:12:00Z';

-- The latest reading is corrected.
UPDATE readings SET temperature = NULL, battery = 5 WHERE device_id = 'd-2' AND at = '2024-03-01 00:15:00Z';

-- A device moves to another site, with all its readings.
UPDATE devices SET site = 'Cần Thơ' WHERE device_id = 'd-2';

-- Retention: what is older than five minutes goes.
DELETE FROM readings WHERE at < '2024-03-01 00:05:00Z';
