#include "report/html.h"

#include <cstddef>

#include "base/text.h"

namespace imprint::report {

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const char c = text.front();
        if (length == 0 || (length == 1 && (c == 0x7F || (c < 0x20 && c != '\n' && c != '\t'))))
            out += '?';
        else if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&#39;";
        else
            out += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

std::string_view page_style() {
    return R"css(
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#14181f;--soft:#566070;--line:#dde1e7;
--pass:#0a7d38;--fail:#b3161b;--work:#1f5fbf;--hold:#8a5d00;
--mono:ui-monospace,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--paper:#0e1116;--card:#171b22;--ink:#eef1f5;--soft:#9aa5b4;
--line:#2a313b;--pass:#4fd07f;--fail:#ff7b78;--work:#7db2ff;--hold:#f0b94b}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.4 system-ui,sans-serif}
header{padding:14px 24px;background:var(--card);border-bottom:1px solid var(--line)}
h1{font-size:20px;margin:0;overflow-wrap:anywhere}
header p{margin:2px 0 0;color:var(--soft);font-size:13px;overflow-wrap:anywhere}
main{padding:16px 24px;display:grid;gap:14px;grid-template-columns:repeat(12,minmax(0,1fr))}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 16px;
grid-column:span 12}
section.figure{grid-column:span 3}section.left{grid-column:span 7}section.right{grid-column:span 5}
h2{font-size:13px;font-weight:600;color:var(--soft);margin:0 0 8px}
.figure b{font-size:30px;letter-spacing:-.03em;font-variant-numeric:tabular-nums}
.figure span{display:block;color:var(--soft);font-size:13px}
svg{display:block;width:100%;height:auto;font:11px system-ui,sans-serif}svg text{fill:var(--soft)}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums}
th{font-weight:600;text-align:left;color:var(--soft);white-space:nowrap}
th,td{padding:6px 8px;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:anywhere}td.n{white-space:nowrap;overflow-wrap:normal}
.m{font-family:var(--mono);font-size:12.5px}
.p{color:var(--pass);font-weight:700}.f{color:var(--fail);font-weight:700}
.e{color:var(--hold);font-weight:700}.a{color:var(--soft);font-weight:700}
a{color:var(--work)}tr:target{outline:2px solid var(--work)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0;font-size:13.5px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.small{color:var(--soft);font-size:13px}
@media (max-width:1000px){section.figure{grid-column:span 6}
section.left,section.right{grid-column:span 12}}
@media (max-width:560px){section.figure{grid-column:span 12}main{padding:12px}}
@page{size:A4 landscape;margin:12mm}
@media print{section{break-inside:avoid}section.boards{break-inside:auto}
.scroll{overflow:visible}.scroll table,.scroll .m{font-size:8px}.scroll th,.scroll td{padding:2px 3px}}
)css";
}

}  // namespace imprint::report
