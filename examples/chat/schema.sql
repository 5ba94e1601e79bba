CREATE TABLE users (user_id uuid PRIMARY KEY, name text NOT NULL, avatar bytea);
CREATE TABLE rooms (room_id bigint PRIMARY KEY, title text, settings jsonb NOT NULL DEFAULT '{}');
CREATE TABLE members (
    room_id   bigint REFERENCES rooms ON DELETE CASCADE,
    user_id   uuid REFERENCES users ON DELETE CASCADE,
    last_read bigint,
    PRIMARY KEY (room_id, user_id)
);
CREATE TABLE messages (
    message_id bigint PRIMARY KEY,
    room_id    bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
    user_id    uuid REFERENCES users ON DELETE SET NULL,
    sent_at    timestamptz NOT NULL,
    text       text,
    deleted    boolean NOT NULL DEFAULT false
);
CREATE INDEX ON messages (room_id, sent_at);

INSERT INTO users VALUES
    ('00000000-0000-4000-8000-00000000000a', 'An', '\x0001'), ('00000000-0000-4000-8000-00000000000b', 'Bình', NULL),
    ('00000000-0000-4000-8000-00000000000c', 'Chi', NULL);
INSERT INTO rooms VALUES (1, 'general', '{"muted": false, "color": "blue"}'), (2, NULL, '{}');
INSERT INTO members VALUES
    (1, '00000000-0000-4000-8000-00000000000a', 2), (1, '00000000-0000-4000-8000-00000000000b', 1),
    (2, '00000000-0000-4000-8000-00000000000a', NULL);
INSERT INTO messages VALUES
    (1, 1, '00000000-0000-4000-8000-00000000000a', '2024-03-01 08:00:00Z', 'Chào!'),
    (2, 1, '00000000-0000-4000-8000-00000000000b', '2024-03-01 08:00:05Z', 'Xin chào 👋'),
    (3, 1, '00000000-0000-4000-8000-00000000000a', '2024-03-01 08:00:05Z', 'Mọi người khỏe không?');
