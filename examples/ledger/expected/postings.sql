SELECT jsonb_build_object(
    '_id', p.posting_id, 'posting_id', p.posting_id, 'posted_on', p.posted_on, 'memo', p.memo,
    'balanced', e.total = 0, 'entries', e.entries)
FROM postings p
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount), 0) AS total,
           coalesce(jsonb_agg(jsonb_build_object('account', account, 'title', a.title, 'debit', greatest(amount, 0),
                                                 'credit', greatest(-amount, 0)) ORDER BY entry), '[]') AS entries
    FROM entries JOIN accounts a USING (account) WHERE posting_id = p.posting_id) e
