/* SPDX-License-Identifier: ISC */
#include "lib/store/store_offer.h"

#include "lib/store/store_db.h"

int
store_offer_revs(struct store *s,
    int (*each)(void *arg, const struct store_offer_rev *r, struct err *e),
    void *arg, struct err *e)
{
	struct store_offer_rev v;
	struct query q;
	int r = query_text(&q, s,
	    "SELECT r.row, r.id, r.revision, r.type, r.category, r.expired,"
	    " r.deployable, r.title, r.eula, l.time, r.bytes FROM revision r"
	    " LEFT JOIN ledger l ON l.row = r.transfer ORDER BY r.row",
	    e);

	while (query_each(&q, &r, e)) {
		v.row = sqlite3_column_int64(q.st, 0);
		(void)query_get_blob(&q, 1, v.id.b, sizeof(v.id.b));
		v.revision = (uint32_t)sqlite3_column_int64(q.st, 2);
		v.type = (enum update_type)sqlite3_column_int(q.st, 3);
		v.category = (enum category_type)sqlite3_column_int(q.st, 4);
		v.expired = sqlite3_column_int(q.st, 5) != 0;
		v.deployable = sqlite3_column_int(q.st, 6) != 0;
		v.title = query_get_str(&q, 7);
		v.has_eula = query_get_blob(&q, 8, v.eula.b, sizeof(v.eula.b));
		v.has_time = sqlite3_column_type(q.st, 9) != SQLITE_NULL;
		v.time = sqlite3_column_int64(q.st, 9);
		v.bytes = (uint32_t)sqlite3_column_int64(q.st, 10);
		r = each(arg, &v, e);
	}
	return r;
}

int
store_offer_links(struct store *s, enum store_offer_kind k,
    int (*each)(void *arg, const struct store_offer_link *l, struct err *e),
    void *arg, struct err *e)
{
	static const char *const texts[] = {
	    [STORE_OFFER_NEEDS] = "SELECT rev, id, grp, any, is_category"
				  " FROM prereq ORDER BY rev, n",
	    [STORE_OFFER_PARTS] = "SELECT rev, id, grp, any, revision"
				  " FROM bundle ORDER BY rev, n",
	    [STORE_OFFER_REPLACES] = "SELECT rev, id, 0, 0, 0"
				     " FROM superseded ORDER BY rev, n",
	};
	struct store_offer_link l = {.rev = 0};
	int64_t grp = 0, before_grp, before = 0;
	bool any = false, before_any;
	struct query q;
	int r = query_text(&q, s, texts[k], e);

	while (query_each(&q, &r, e)) {
		before_grp = grp;
		before_any = any;
		l.rev = sqlite3_column_int64(q.st, 0);
		(void)query_get_blob(&q, 1, l.id.b, sizeof(l.id.b));
		grp = sqlite3_column_int64(q.st, 2);
		any = sqlite3_column_int(q.st, 3) != 0;
		l.first = !any || !before_any || grp != before_grp ||
		    l.rev != before;
		l.category = sqlite3_column_int(q.st, 4) != 0;
		l.revision = (uint32_t)sqlite3_column_int64(q.st, 4);
		before = l.rev;
		r = each(arg, &l, e);
	}
	return r;
}

int
store_offer_uses(struct store *s,
    int (*each)(
	void *arg, int64_t rev, int64_t file, const char *name, struct err *e),
    void *arg, struct err *e)
{
	struct query q;
	int r = query_text(&q, s,
	    "SELECT rev, file, name FROM rev_file WHERE n < " STORE_EXTRA_TEXT
	    " ORDER BY rev, n",
	    e);

	while (query_each(&q, &r, e))
		r = each(arg, sqlite3_column_int64(q.st, 0),
		    sqlite3_column_int64(q.st, 1), query_get_text(&q, 2), e);
	return r;
}
