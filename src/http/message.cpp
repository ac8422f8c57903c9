#include "http/message.h"

#include "http/url.h"

namespace imprint::http {

std::optional<std::string> Request::header(std::string_view lower_case_name) const {
    return find_field(headers, lower_case_name);
}

std::string_view Request::raw_path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

Fields Request::query() const {
    const auto mark = target.find('?');
    return mark == std::string::npos ? Fields()
                                     : parse_query(std::string_view(target).substr(mark + 1));
}

}  // namespace imprint::http
