SELECT jsonb_build_object(
    '_id', jsonb_build_object('room_id', m.room_id, 'user_id', m.user_id), 'room', r.title,
    'unread', (SELECT count(*) FROM messages s
               WHERE s.room_id = m.room_id AND NOT deleted AND s.message_id > coalesce(m.last_read, 0)))
FROM members m JOIN rooms r USING (room_id)
