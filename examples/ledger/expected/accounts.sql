SELECT jsonb_build_object('_id', account, 'account', account, 'title', title, 'kind', kind) FROM accounts
