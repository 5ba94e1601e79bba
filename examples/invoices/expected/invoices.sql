SELECT jsonb_build_object(
    '_id', jsonb_build_object('company', i.company, 'year', i.year, 'number', i.number),
    'company', i.company, 'year', i.year, 'number', i.number, 'issued_on', i.issued_on, 'due_days', i.due_days,
    'customer', i.customer, 'reference', i.company || '-' || i.year::text || '-' || lpad(i.number::text, 5, '0'),
    'due_on', i.issued_on + i.due_days,
    'net', l.net, 'gross', round(l.net * (1 + c.vat), 2), 'paid', p.paid,
    'issuer', jsonb_build_object('name', c.name, 'vat', c.vat), 'lines', l.lines, 'payments', p.payments,
    'cancels', CASE WHEN o.company IS NOT NULL
                    THEN jsonb_build_object('year', o.year, 'number', o.number, 'issued_on', o.issued_on) END,
    'cancelled_by', coalesce((
        SELECT jsonb_agg(b.year::text || '/' || b.number::text ORDER BY b.year, b.number) FROM invoices b
        WHERE b.company = i.company AND b.cancels_year = i.year AND b.cancels_number = i.number), '[]'))
FROM invoices i
JOIN companies c USING (company)
LEFT JOIN invoices o ON (o.company, o.year, o.number) = (i.company, i.cancels_year, i.cancels_number)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(net), 0) AS net,
           coalesce(jsonb_agg(jsonb_build_object('line', line, 'text', text, 'net', net) ORDER BY line), '[]') AS lines
    FROM invoice_lines l WHERE (l.company, l.year, l.number) = (i.company, i.year, i.number)) l
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount), 0) AS paid,
           coalesce(jsonb_agg(jsonb_build_object('payment_id', payment_id, 'amount', amount, 'paid_on', paid_on)
                              ORDER BY paid_on, payment_id), '[]') AS payments
    FROM payments p WHERE (p.company, p.year, p.number) = (i.company, i.year, i.number)) p
