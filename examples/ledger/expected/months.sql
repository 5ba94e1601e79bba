SELECT jsonb_build_object('_id', jsonb_build_object('kind', kind, 'month', to_char(posted_on, 'YYYY-MM')),
                          'turnover', sum(abs(amount)), 'net', sum(amount))
FROM entries JOIN accounts USING (account) JOIN postings USING (posting_id)
GROUP BY kind, to_char(posted_on, 'YYYY-MM')
