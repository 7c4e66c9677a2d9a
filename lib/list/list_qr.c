/* SPDX-License-Identifier: ISC */
/* A receipt as a QR code (ISO/IEC 18004): in a terminal, or as SVG. */
#include <errno.h>
#include <qrencode.h>
#include <string.h>

#include "formats/receipt.h"
#include "lib/base/err.h"
#include "lib/list/list_priv.h"

#define VERSION 13 /* 69 modules; 619 characters at level L */
#define QUIET 4 /* modules around it, by the standard */

static QRcode *
encode(const char *text)
{
	QRinput *in = QRinput_new2(VERSION, QR_ECLEVEL_L);
	QRcode *code = NULL;

	if (in != NULL &&
	    QRinput_append(in, QR_MODE_AN, (int)strlen(text),
		(const unsigned char *)text) == 0)
		code = QRcode_encodeInput(in);
	QRinput_free(in);
	return code;
}

static bool
is_dark(const QRcode *q, int x, int y)
{
	if (x < 0 || y < 0 || x >= q->width || y >= q->width)
		return false;
	return (q->data[y * q->width + x] & 1) != 0;
}

/* Light is drawn, dark is left: a terminal is dark. */
static int
draw(struct list *l, const QRcode *q, struct err *e)
{
	static const char *const blocks[2][2] = {
	    {"\xe2\x96\x88", "\xe2\x96\x80"}, {"\xe2\x96\x84", " "}};

	for (int y = -QUIET; y < q->width + QUIET; y += 2) {
		for (int x = -QUIET; x < q->width + QUIET; x++)
			if (buf_puts(&l->text,
				blocks[is_dark(q, x, y)][is_dark(q, x, y + 1)],
				e) == -1)
				return -1;
		if (list_line(l, e) == -1)
			return -1;
	}
	return 0;
}

static int
draw_svg(struct list *l, const QRcode *q, struct err *e)
{
	int n = q->width + 2 * QUIET;

	if (buf_printf(&l->text, e,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
		"width=\"%dmm\" height=\"%dmm\" viewBox=\"0 0 %d %d\" "
		"shape-rendering=\"crispEdges\">",
		n, n, n, n) == -1 ||
	    list_line(l, e) == -1 ||
	    buf_printf(&l->text, e,
		"<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", n,
		n) == -1 ||
	    list_line(l, e) == -1)
		return -1;
	for (int y = 0; y < q->width; y++) {
		if (buf_puts(&l->text, "<path d=\"", e) == -1)
			return -1;
		for (int x = 0; x < q->width; x++)
			if (is_dark(q, x, y) &&
			    buf_printf(&l->text, e, "M%d %dh1v1h-1z", x + QUIET,
				y + QUIET) == -1)
				return -1;
		if (buf_puts(&l->text, "\"/>", e) == -1 ||
		    list_line(l, e) == -1)
			return -1;
	}
	return buf_puts(&l->text, "</svg>", e) == -1 ? -1 : list_line(l, e);
}

int
list_qr(struct list *l, const uint8_t record[RECEIPT_BYTES], bool svg,
    struct err *e)
{
	char text[RECEIPT_CHARS + 1];
	QRcode *q;
	int r;

	receipt_write(text, record, ' ');
	if ((q = encode(text)) == NULL)
		return err_sys(e, "libqrencode makes no code");
	r = svg ? draw_svg(l, q, e) : draw(l, q, e);
	QRcode_free(q);
	return r;
}
