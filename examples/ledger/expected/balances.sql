SELECT jsonb_build_object(
    '_id', account, 'balance', sum(amount), 'debit', coalesce(sum(amount) FILTER (WHERE amount > 0), 0),
    'credit', coalesce(-sum(amount) FILTER (WHERE amount < 0), 0), 'entries', count(*), 'last_posted', max(posted_on))
FROM entries JOIN postings USING (posting_id) GROUP BY account
