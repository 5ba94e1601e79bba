SELECT jsonb_build_object('_id', a.id, 'name', a.name, 'published', (
    SELECT count(*) FROM posts p WHERE p.author_id = a.id AND p.published IS NOT NULL))
FROM authors a
