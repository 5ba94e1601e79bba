CREATE TABLE drivers (driver_id uuid PRIMARY KEY, name text NOT NULL, rating numeric(3, 2));
CREATE TABLE trips (
    trip_id   uuid PRIMARY KEY,
    driver_id uuid REFERENCES drivers,
    rider     text NOT NULL,
    booked_at timestamptz NOT NULL
);
-- What happened on the way, only ever appended to.
CREATE TABLE trip_events (
    trip_id uuid NOT NULL,
    seq     integer NOT NULL,
    at      timestamptz NOT NULL,
    kind    text NOT NULL,
    km      numeric(8, 3),
    detail  jsonb,
    PRIMARY KEY (trip_id, seq)
);

INSERT INTO drivers VALUES
    ('11111111-1111-4111-8111-111111111111', 'Khoa', 4.90), ('22222222-2222-4222-8222-222222222222', 'Lan', 4.75);
INSERT INTO trips VALUES
    ('aaaaaaaa-0000-4000-8000-000000000001', '11111111-1111-4111-8111-111111111111', 'An', '2024-03-01 01:00:00Z'),
    ('aaaaaaaa-0000-4000-8000-000000000002', NULL, 'Bình', '2024-03-01 01:05:00Z');
INSERT INTO trip_events VALUES
    ('aaaaaaaa-0000-4000-8000-000000000001', 1, '2024-03-01 01:00:00Z', 'booked', NULL, '{"app": "ios"}'),
    ('aaaaaaaa-0000-4000-8000-000000000001', 2, '2024-03-01 01:07:30Z', 'picked_up', NULL, NULL),
    ('aaaaaaaa-0000-4000-8000-000000000001', 3, '2024-03-01 01:15:00.250Z', 'moved', 3.125,
     '{"position": {"lat": 10.77, "lon": 106.7}}'),
    ('aaaaaaaa-0000-4000-8000-000000000002', 1, '2024-03-01 01:05:00Z', 'booked', NULL, '{"app": "web"}');
