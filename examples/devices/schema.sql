CREATE TABLE devices (device_id text PRIMARY KEY, site text NOT NULL, model text, warn_above double precision);
CREATE TABLE readings (
    device_id   text NOT NULL,
    at          timestamptz NOT NULL,
    temperature double precision,
    battery     smallint,
    PRIMARY KEY (device_id, at)
);

INSERT INTO devices VALUES ('d-1', 'Huế', 'T100', 30), ('d-2', 'Huế', 'T100', NULL), ('d-3', 'Cần Thơ', NULL, 35);
INSERT INTO readings VALUES
    ('d-1', '2024-03-01 00:00:00Z', 28.5, 90), ('d-1', '2024-03-01 00:05:00Z', 29.25, 89),
    ('d-1', '2024-03-01 00:10:00Z', 31.0, 89), ('d-1', '2024-03-01 00:10:00.000001Z', NULL, 88),
    ('d-2', '2024-03-01 00:00:00Z', 21.75, 15);
