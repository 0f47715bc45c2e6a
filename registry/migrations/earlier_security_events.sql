-- What earlier versions kept in several logs begins the log of security events. Log-ins move there; receipts, looks and
-- the log of accounts stay where they are, and the events name them.
INSERT INTO registry_securityevent
    (at, kind, username, subject, address, channel, token, request_id, details, receipt_id, entry_id)
SELECT * FROM (
    SELECT attempt_time, 'login', left(coalesce(username, ''), 150), '', coalesce(host(ip_address), ''), 'page', '', '',
           '{}'::jsonb, NULL::bigint, NULL::bigint
    FROM axes_accesslog
    UNION ALL
    SELECT logout_time, 'logout', left(coalesce(username, ''), 150), '', coalesce(host(ip_address), ''), 'page', '', '',
           '{}', NULL, NULL
    FROM axes_accesslog WHERE logout_time IS NOT NULL
    UNION ALL
    SELECT r.started_at, 'export', coalesce(u.username, ''), '', '', r.channel, r.token, r.request_id,
           '{}', r.id, NULL
    FROM registry_receipt r LEFT JOIN auth_user u ON u.id = r.user_id
    UNION ALL
    SELECT min(d.at), 'reveal', coalesce(u.username, ''), CASE WHEN count(*) = 1 THEN min(d.registry_no) ELSE '' END, '',
           d.channel, d.token, d.request_id,
           jsonb_build_object('what', d.what, 'records', count(*), 'reason', d.reason), NULL, NULL
    FROM registry_disclosure d LEFT JOIN auth_user u ON u.id = d.user_id
    WHERE d.receipt_id IS NULL
    GROUP BY u.username, d.channel, d.token, d.request_id, d.what, d.reason, CASE WHEN d.request_id = '' THEN d.id END
    UNION ALL
    SELECT l.action_time, 'account', u.username, l.object_repr, '', 'page', '', '', '{}', NULL, l.id
    FROM django_admin_log l JOIN auth_user u ON u.id = l.user_id
    JOIN django_content_type c ON c.id = l.content_type_id AND c.app_label = 'auth'
) earlier ORDER BY 1;
DELETE FROM axes_accesslog;
