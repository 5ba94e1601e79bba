SELECT jsonb_build_object(
    '_id', p.id, 'id', p.id, 'slug', p.slug, 'title', p.title, 'body', p.body, 'published', p.published,
    'excerpt', left(p.body, 60),
    'author', jsonb_build_object('id', a.id, 'name', a.name),
    'comment_count', (SELECT count(*) FROM comments WHERE post_id = p.id),
    'tags', coalesce((SELECT jsonb_agg(t.name ORDER BY t.name COLLATE "C", t.id)
                      FROM post_tags l JOIN tags t ON t.id = l.tag_id WHERE l.post_id = p.id), '[]'),
    'comments', coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', c.id, 'author', c.author, 'body', c.body, 'replies', coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', r.id, 'author', r.author, 'body', r.body, 'replies', coalesce((
                SELECT jsonb_agg(jsonb_build_object('id', s.id, 'author', s.author, 'body', s.body, 'replies', coalesce((
                    SELECT jsonb_agg(jsonb_build_object('id', u.id, 'author', u.author, 'body', u.body) ORDER BY u.id)
                    FROM comments u WHERE u.reply_to = s.id), '[]')) ORDER BY s.id)
                FROM comments s WHERE s.reply_to = r.id), '[]')) ORDER BY r.id)
            FROM comments r WHERE r.reply_to = c.id), '[]')) ORDER BY c.id)
        FROM comments c WHERE c.post_id = p.id AND c.reply_to IS NULL), '[]'))
FROM posts p JOIN authors a ON a.id = p.author_id
WHERE p.published IS NOT NULL
