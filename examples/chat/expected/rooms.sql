SELECT jsonb_build_object(
    '_id', r.room_id, 'title', coalesce(r.title, 'room ' || r.room_id::text),
    'color', coalesce(r.settings ->> 'color', 'grey'), 'messages', w.count, 'active_at', w.last,
    'last_message', coalesce((
        SELECT jsonb_agg(jsonb_build_object('message_id', message_id, 'sent_at', sent_at, 'text', left(text, 40),
                                            'from', name))
        FROM (SELECT * FROM messages LEFT JOIN users USING (user_id) WHERE room_id = r.room_id AND NOT deleted
              ORDER BY sent_at DESC, message_id DESC LIMIT 1) last), '[]'),
    'members', coalesce((
        SELECT jsonb_agg(jsonb_build_object('user_id', u.user_id, 'name', u.name) ORDER BY u.name COLLATE "C", u.user_id)
        FROM members m JOIN users u USING (user_id) WHERE m.room_id = r.room_id), '[]'))
FROM rooms r
CROSS JOIN LATERAL (
    SELECT count(*), max(sent_at) AS last FROM messages WHERE room_id = r.room_id AND NOT deleted) w
