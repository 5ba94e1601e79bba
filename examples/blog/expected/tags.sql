SELECT jsonb_build_object(
    '_id', t.id, 'name', t.name, 'posts', l.count, 'published', l.published)
FROM tags t
CROSS JOIN LATERAL (
    SELECT count(*), coalesce(jsonb_agg(jsonb_build_object('slug', p.slug, 'title', p.title, 'author', a.name)
                                        ORDER BY p.published DESC, p.id), '[]') AS published
    FROM post_tags l JOIN posts p ON p.id = l.post_id JOIN authors a ON a.id = p.author_id
    WHERE l.tag_id = t.id AND p.published IS NOT NULL) l
