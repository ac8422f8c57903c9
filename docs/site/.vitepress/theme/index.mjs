import DefaultTheme from "vitepress/theme";

import "./imprint.css";

export default DefaultTheme;
