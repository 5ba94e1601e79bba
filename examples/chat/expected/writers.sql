SELECT jsonb_build_object('_id', user_id, 'messages', count(*), 'rooms', count(DISTINCT room_id),
                          'last_text', (array_agg(text ORDER BY sent_at DESC, message_id DESC))[1])
FROM messages WHERE NOT deleted GROUP BY user_id
