-- A message: one room changes, and what its members have not read.
INSERT INTO messages VALUES
    (4, 1, '00000000-0000-4000-8000-00000000000b', '2024-03-01 08:01:00Z', 'Khỏe, cảm ơn! Hẹn gặp mọi người vào thứ Hai tuần sau nhé.');

-- Bình has read everything.
UPDATE members SET last_read = 4 WHERE room_id = 1 AND user_id = '00000000-0000-4000-8000-00000000000b';

-- The last message is withdrawn: the one before it is the last again.
UPDATE messages SET deleted = true, text = NULL WHERE message_id = 4;

-- Chi joins both rooms and says something in the one without a name.
BEGIN;
INSERT INTO members VALUES
    (1, '00000000-0000-4000-8000-00000000000c', NULL), (2, '00000000-0000-4000-8000-00000000000c', NULL);
INSERT INTO messages VALUES (5, 2, '00000000-0000-4000-8000-00000000000c', '2024-03-01 09:00:00Z', 'Hi');
COMMIT;

-- A message is moved to another room; a user is renamed; a room gets a colour.
UPDATE messages SET room_id = 2 WHERE message_id = 3;
UPDATE users SET name = 'An Nguyễn' WHERE user_id = '00000000-0000-4000-8000-00000000000a';
UPDATE rooms SET settings = settings || '{"color": "red"}' WHERE room_id = 2;

-- A user leaves for good: messages stay, without a name.
DELETE FROM users WHERE user_id = '00000000-0000-4000-8000-00000000000b';
