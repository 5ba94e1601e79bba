SELECT jsonb_build_object('_id', jsonb_build_object('company', company, 'year', year),
                          'amount', sum(amount), 'payments', count(*), 'last', max(paid_on))
FROM payments GROUP BY company, year
