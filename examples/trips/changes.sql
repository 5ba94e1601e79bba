-- A driver takes the second trip; events follow.
BEGIN;
UPDATE trips SET driver_id = '11111111-1111-4111-8111-111111111111' WHERE trip_id = 'aaaaaaaa-0000-4000-8000-000000000002';
INSERT INTO trip_events VALUES ('aaaaaaaa-0000-4000-8000-000000000002', 2, '2024-03-01 01:12:00Z', 'picked_up', NULL, NULL);
COMMIT;

INSERT INTO trip_events VALUES
    ('aaaaaaaa-0000-4000-8000-000000000001', 4, '2024-03-01 01:30:00Z', 'moved', 7.500, NULL),
    ('aaaaaaaa-0000-4000-8000-000000000001', 5, '2024-03-01 01:31:00Z', 'dropped_off', NULL, '{"paid": 12.5}'),
    ('aaaaaaaa-0000-4000-8000-000000000002', 3, '2024-03-02 00:00:00Z', 'moved', 1.001, NULL);

-- Events of a trip that is booked later, as can happen when two systems write.
INSERT INTO trip_events VALUES ('aaaaaaaa-0000-4000-8000-000000000003', 1, '2024-03-02 02:00:00Z', 'moved', 2, NULL);
INSERT INTO trips VALUES
    ('aaaaaaaa-0000-4000-8000-000000000003', '22222222-2222-4222-8222-222222222222', 'Chi', '2024-03-02 02:00:00Z');

-- The second trip goes to another driver: three documents change.
UPDATE trips SET driver_id = '22222222-2222-4222-8222-222222222222' WHERE trip_id = 'aaaaaaaa-0000-4000-8000-000000000002';

-- A measurement is corrected, a wrong event removed.
UPDATE trip_events SET km = 3.5 WHERE trip_id = 'aaaaaaaa-0000-4000-8000-000000000001' AND seq = 3;
DELETE FROM trip_events WHERE trip_id = 'aaaaaaaa-0000-4000-8000-000000000003' AND seq = 1;
