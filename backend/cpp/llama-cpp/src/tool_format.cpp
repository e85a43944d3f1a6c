#include "tool_format.h"

#include <chat-auto-parser.h>

namespace serving {
namespace {

const char * name_of(autoparser::tool_format format) {
    switch (format) {
        case autoparser::tool_format::JSON_NATIVE: return "json_native";
        case autoparser::tool_format::TAG_WITH_JSON: return "tag_with_json";
        case autoparser::tool_format::TAG_WITH_TAGGED: return "tag_with_tagged";
        case autoparser::tool_format::NONE: break;
    }
    return "";
}

const char * name_of(autoparser::call_id_position position) {
    switch (position) {
        case autoparser::call_id_position::PRE_FUNC_NAME: return "pre_func_name";
        case autoparser::call_id_position::BETWEEN_FUNC_AND_ARGS: return "between_func_and_args";
        case autoparser::call_id_position::POST_ARGS: return "post_args";
        case autoparser::call_id_position::NONE: break;
    }
    return "none";
}

void describe(const autoparser::analyze_tools & tools, wire::ToolFormatMarkers & markers) {
    const autoparser::tool_format_analysis & format = tools.format;
    markers.set_format_type(name_of(format.mode));
    markers.set_section_start(format.section_start);
    markers.set_section_end(format.section_end);
    markers.set_per_call_start(format.per_call_start);
    markers.set_per_call_end(format.per_call_end);
    markers.set_fun_name_is_key(format.fun_name_is_key);
    markers.set_tools_array_wrapped(format.tools_array_wrapped);
    markers.set_function_field(format.function_field);
    markers.set_name_field(format.name_field);
    markers.set_args_field(format.args_field);
    markers.set_id_field(format.id_field);
    markers.set_gen_id_field(format.gen_id_field);
    markers.mutable_parameter_order()->Add(format.parameter_order.begin(), format.parameter_order.end());
    markers.set_func_name_prefix(tools.function.name_prefix);
    markers.set_func_name_suffix(tools.function.name_suffix);
    markers.set_func_close(tools.function.close);
    markers.set_args_start(tools.arguments.start);
    markers.set_args_end(tools.arguments.end);
    markers.set_arg_name_prefix(tools.arguments.name_prefix);
    markers.set_arg_name_suffix(tools.arguments.name_suffix);
    markers.set_arg_value_prefix(tools.arguments.value_prefix);
    markers.set_arg_value_suffix(tools.arguments.value_suffix);
    markers.set_arg_separator(tools.arguments.separator);
    markers.set_call_id_position(name_of(tools.call_id.pos));
    markers.set_call_id_prefix(tools.call_id.prefix);
    markers.set_call_id_suffix(tools.call_id.suffix);
}

}  // namespace

void describe_tool_format(const std::string & jinja, wire::ModelMetadataResponse & metadata) {
    autoparser::autoparser found;
    try {
        found.analyze_template(common_chat_template(jinja, "", ""));
    } catch (const std::exception &) {
        return;
    }
    if (found.tools.format.mode == autoparser::tool_format::NONE) {
        return;
    }
    wire::ToolFormatMarkers & markers = *metadata.mutable_tool_format();
    describe(found.tools, markers);
    markers.set_reasoning_start(found.reasoning.start);
    markers.set_reasoning_end(found.reasoning.end);
    markers.set_content_start(found.content.start);
    markers.set_content_end(found.content.end);
}

}  // namespace serving
